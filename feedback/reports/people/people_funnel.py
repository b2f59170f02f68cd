"""Gathers a funnel of people: each figure that may be seen, about the rate all have in common."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from feedback.measures.funnel_limits import funnel_limits
from feedback.measures.people import Compared
from feedback.measures.standing import RATED_FROM
from feedback.reports.chart_points import FunnelDot
from feedback.reports.filters import Filters
from feedback.reports.people.comparison import METRIC
from feedback.reports.people.people import compared_for
from feedback.reports.reader import Reader
from feedback.reports.subjects import named

# Names are written for those beyond these limits only.
OUTER = 0.998
_HAIR = 1e-9


@dataclass(frozen=True)
class PeopleFunnel:
    """The dots in the order of keys, and the staff records of those whose names are written."""

    dots: tuple[FunnelDot, ...]
    named: tuple[int, ...]
    centre: float
    tau: float
    not_drawn: int


def people_funnel(reader: Reader, filters: Filters) -> PeopleFunnel | None:
    """Return the funnel of the people of a page in its wave; None where nobody may be drawn.

    Those with fewer than ten answers, or hidden from the reader, are counted and not drawn.
    """
    wave = filters.wave or 1
    compared = compared_for(reader, filters, wave)
    if compared is None:
        return None
    ids = {key: id_ for id_, (key, _n) in named(reader.session, "staff", reader.locale).items()}
    tau = compared.scatter.tau if compared.scatter else 0.0
    is_outside = _outside(compared.rate, tau)
    dots, written, not_drawn = [], [], 0
    for group in reader.ask(METRIC, filters.span, filters.where, by="staff", wave=wave):
        key, (point,) = group["key"]["staff"], group["points"]
        if key is None:
            continue
        if point["value"] is None or point["n"] < RATED_FROM:
            not_drawn += 1
            continue
        dot = FunnelDot(
            group["label"],
            point["n"],
            point["value"],
            own=ids[key] == reader.own,
            marked=_is_marked(compared, ids[key]),
        )
        dot = replace(dot, outside=is_outside(dot))
        dots.append(dot)
        if dot.outside or dot.marked:
            written.append(ids[key])
    if not dots:
        return None
    return PeopleFunnel(tuple(dots), tuple(written), compared.rate, tau, not_drawn)


def _is_marked(compared: Compared[int], id_: int) -> bool:
    one = compared.people.get(id_)
    return one is not None and one.mark is not None


def _outside(centre: float, tau: float) -> Callable[[FunnelDot], bool]:
    def is_outside(dot: FunnelDot) -> bool:
        limits = funnel_limits(centre, dot.n, OUTER, tau)
        return limits is not None and not limits[0] - _HAIR <= dot.value <= limits[1] + _HAIR

    return is_outside

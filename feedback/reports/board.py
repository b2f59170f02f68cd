"""What every page of figures shows, be it about everybody, a team or one person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from feedback.measures.clustering import Clustered
from feedback.measures.follow_up import Matured
from feedback.reports.answers import Which, newest
from feedback.reports.bounds import SHOWN_BELOW, Bounds, bounds_of
from feedback.reports.entries import Entry, entries
from feedback.reports.filters import Filters
from feedback.reports.funnel import Funnel, funnel
from feedback.reports.gather import WAVES, About, Headline, headlines
from feedback.reports.hidden.listable import listable
from feedback.reports.named_rates import NamedRates, named_rates
from feedback.reports.reader import Reader
from feedback.reports.repeat_customers import clustered_by
from feedback.reports.subjects import id_of
from feedback.reports.trends.control import Control, control
from feedback.reports.twice.follow_up_rate import follow_up_rate
from feedback.reports.twice.pairs import Pairs, pairs_of

HEADLINES = ("csat", "nps")
_COMMENTS = 5
A_POINT = 0.01


@dataclass(frozen=True)
class Board:
    """Headlines, the trend of one metric, the way from contacts to answers, and the last words."""

    headlines: Mapping[str, list[Headline]]
    control: Control
    funnels: Mapping[int, Funnel]
    # The waves in which the number of answers is the reader's to know.
    told: frozenset[int]
    # How low and how high CSAT could be, of those waves where few enough answered to say so.
    bounds: Mapping[int, Bounds]
    rates: Mapping[int, NamedRates]
    follow_up: Matured
    pairs: Pairs
    comments: list[Entry]
    # CSAT by customer, of those waves in which that makes the interval visibly wider.
    by_customer: Mapping[int, Clustered]

    @property
    def tells_of_pairs(self) -> bool:
        """Tell whether anybody was, or will be, asked a second time about these contacts."""
        due = self.follow_up.matured or self.follow_up.not_yet_due
        return bool(self.pairs.is_shown or self.funnels[2].imported or due)


def board(reader: Reader, filters: Filters, about: About, *, with_reference: bool) -> Board:
    """Gather a page; its filters name a metric."""
    metric = filters.metric or "csat"
    shown = dict.fromkeys((*HEADLINES, metric))
    found = {one: headlines(reader, filters, one, about) for one in shown}
    where = where_ids(reader, filters)
    first, last = filters.span.first, filters.span.last
    funnels = {
        wave: funnel(reader.session, start=first, end=last, wave=wave, where=where)
        for wave in WAVES
    }
    told = _told(filters, found)
    return Board(
        headlines=found,
        control=control(reader, filters, metric, filters.wave or 1, about, where),
        funnels=funnels,
        told=told,
        bounds=_bounds(reader, filters, where, found["csat"], funnels, told),
        rates={
            wave: named_rates(reader.session, where, wave, filters.span)
            for wave in WAVES
            if funnels[wave].invited
        },
        follow_up=follow_up_rate(
            reader.session,
            where,
            filters.span,
            today=reader.today,
            follow_up_days=reader.follow_up_days,
        ),
        pairs=pairs_of(
            reader.session,
            where,
            filters.span,
            today=reader.today,
            follow_up_days=reader.follow_up_days,
            min_group=reader.min_group,
            sees_all=reader.sees_all,
            own=reader.own,
        ),
        by_customer=_by_customer(reader, filters, where, found["csat"]),
        comments=latest_comments(reader, filters, where, with_reference=with_reference),
    )


def _by_customer(
    reader: Reader, filters: Filters, where: Mapping[str, int], lines: Sequence[Headline]
) -> dict[int, Clustered]:
    """Return the CSAT by customer where a headline's own interval is too narrow by a point."""
    found = {}
    for wave, line in zip(WAVES, lines, strict=True):
        low, high = line.figure.low, line.figure.high
        if not line.figure.has_value or low is None or high is None:
            continue
        one = clustered_by(
            reader.session, None, where, wave, filters.span.first, filters.span.last
        ).get(0)
        if one is not None and max(low - one.low, one.high - high) >= A_POINT:
            found[wave] = one
    return found


def _told(filters: Filters, found: Mapping[str, list[Headline]]) -> frozenset[int]:
    """Return the waves in which the number of answers may be told.

    How many answered at all is the operation's affair; how many answered about somebody, or about
    the few of a team, is a part of their figures.
    """
    if not filters.where.keys() & {"staff", "team"}:
        return frozenset(WAVES)
    return frozenset(
        wave
        for place, wave in enumerate(WAVES)
        if all(lines[place].figure.n is not None for lines in found.values())
    )


def _bounds(
    reader: Reader,
    filters: Filters,
    where: Mapping[str, int],
    csat: Sequence[Headline],
    funnels: Mapping[int, Funnel],
    told: frozenset[int],
) -> dict[int, Bounds]:
    """Return the bounds of the waves that have a figure, and a response rate low enough."""
    shown = {}
    for wave, line in zip(WAVES, csat, strict=True):
        steps = funnels[wave]
        if wave in told and line.figure.has_value and steps.answered < SHOWN_BELOW * steps.invited:
            shown[wave] = bounds_of(
                reader.session,
                where,
                wave,
                filters.span,
                min_group=reader.min_group,
                sees_all=reader.sees_all,
                own=reader.own,
            )
    return {wave: bounds for wave, bounds in shown.items() if bounds is not None}


def where_ids(reader: Reader, filters: Filters) -> dict[str, int]:
    """Return the filters' subjects by their ids."""
    found = {one: id_of(reader.session, one, key) for one, key in filters.where.items()}
    return {subject: id_ for subject, id_ in found.items() if id_ is not None}


def latest_comments(
    reader: Reader, filters: Filters, where: Mapping[str, int], *, with_reference: bool
) -> list[Entry]:
    """Return the newest responses with words in them."""
    which = Which(filters.span, WAVES, where, with_comment=True, with_struck=False)
    may = listable(reader, which)
    which = replace(which, waves=may.waves)
    responses, _older = newest(reader.session, which, may.groups, limit=_COMMENTS)
    return entries(
        reader.session,
        responses,
        may,
        zone=reader.zone,
        locale=reader.locale,
        with_reference=with_reference,
    )

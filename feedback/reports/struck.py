"""What striking answers has done to a figure: it without them and with them, and which they were.

Whoever strikes three low answers of twenty turns 80 % into 94 %. So neither is shown alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from flask import g
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from feedback.interactions.models import Interaction
from feedback.languages import gap
from feedback.measures.binomial import fisher_more
from feedback.measures.estimate import DEFINITIONS, Estimate
from feedback.reports.answers import Group, Which
from feedback.reports.figures import Figure, answers_words, interval_words, value_words
from feedback.reports.filters import Filters
from feedback.reports.hidden.listable import listable
from feedback.reports.reader import Reader
from feedback.reports.spans import Span
from feedback.reports.subjects import id_of
from feedback.responses.models import Answer, Response
from feedback.surveys.scales import SCALES

# Low scores struck so much more often than high ones are no accident.
ONE_SIDED = 0.05
# So many can be asked for by their numbers.
_MOST_NUMBERS = 500


@dataclass(frozen=True)
class Struck:
    """The struck answers of a figure, by score, and the figure with them.

    `p` is the chance of so many low scores among them if low and high ones were struck alike; None
    where there are not both.
    """

    counts: Mapping[int, int]
    with_them: Estimate
    p: float | None

    @property
    def n(self) -> int:
        """Return how many were struck."""
        return sum(self.counts.values())


def struck_of(metric: str, counted: Mapping[int, int], removed: Mapping[int, int]) -> Struck | None:
    """Return what striking did, given the counts per score of both; None where nothing was struck.

    Fisher's one-sided test: the share of low scores that were struck against that of high ones.
    """
    if not any(removed.values()):
        return None
    all_ = {score: counted.get(score, 0) + removed.get(score, 0) for score in {*counted, *removed}}
    estimate = DEFINITIONS[metric].of(all_)
    assert estimate is not None  # noqa: S101 — what was struck is among them.
    p = fisher_more(
        side_of(metric, "low", removed), side_of(metric, "low", all_),
        side_of(metric, "high", removed), side_of(metric, "high", all_),
    )  # fmt: skip
    return Struck(dict(removed), estimate, p)


def side_of(metric: str, side: str, counts: Mapping[int, int]) -> int:
    """Return how many scores lie on that side of the scale: "low", "middle" or "high"."""
    scale = SCALES[metric]
    return sum(times for score, times in counts.items() if (scale.side(score) or "middle") == side)


def struck_line(reader: Reader, filters: Filters, span: Span, figure: Figure) -> str:
    """Return in one line what was struck of a shown figure; nothing where nothing was.

    Where somebody's answers are not listed, what was struck of them is not told either: nor is the
    figure with it, from which it could be worked out.
    """
    if figure.n is None or not _struck_numbers(reader.session):
        return ""
    ids = {one: id_of(reader.session, one, key) for one, key in filters.where.items()}
    where = {subject: id_ for subject, id_ in ids.items() if id_ is not None}
    which = Which(span, (figure.wave,), where, metric=figure.metric)
    removed = _removed(reader.session, which)
    if not removed:
        return ""
    may = listable(reader, which)
    if not all(may.shows(figure.metric, group) for group in removed):
        return str(
            _(
                "Answers are struck here, some of them about people with too few answers: so the"
                " figure with them is not shown."
            )
        )
    together: dict[int, int] = {}
    for counts in removed.values():
        for score, times in counts.items():
            together[score] = together.get(score, 0) + times
    found = struck_of(figure.metric, figure.counts, together)
    return _words(figure, found) if found else ""


def _words(figure: Figure, found: Struck) -> str:
    if not figure.has_value:
        return str(
            ngettext(
                "%(count)s answer struck.", "%(count)s answers struck.", found.n, count=found.n
            )
        )
    metric, with_them = figure.metric, found.with_them
    numbers = {
        "count": found.n,
        "which": _which_words(metric, found.counts),
        "without": figure.value_words,
        "with_them": value_words(metric, with_them.value),
        "interval": interval_words(metric, with_them.low, with_them.high),
        "answers": answers_words(with_them.n),
    }
    line = ngettext(
        "%(count)s answer struck, %(which)s: %(without)s without, %(with_them)s with it"
        " (%(answers)s, %(interval)s).",
        "%(count)s answers struck, %(which)s: %(without)s without, %(with_them)s with them"
        " (%(answers)s, %(interval)s).",
        found.n,
        **numbers,
    )
    if found.p is not None and found.p < ONE_SIDED:
        line += gap() + _("Low scores are struck more often than high ones (P %(p).3f).", p=found.p)
    return str(line)


def _which_words(metric: str, counts: Mapping[int, int]) -> str:
    n = sum(counts.values())
    sides = {side: side_of(metric, side, counts) for side in ("low", "middle", "high")}
    names = {"low": _("low"), "middle": _("in the middle"), "high": _("high")}
    for side, times in sides.items():
        if times == n:
            return str(names[side] if n == 1 else _("all of them %(side)s", side=names[side]))
    told = [_("%(times)s %(side)s", times=t, side=names[side]) for side, t in sides.items() if t]
    return str(_(", ")).join(map(str, told))


def _struck_numbers(session: Session) -> Sequence[int]:
    """Return which responses are struck, as far as they are few; asked once for all of a page."""
    if "struck" not in g:
        query = sa.select(Response.id).where(Response.excluded_at.is_not(None))
        g.struck = tuple(session.scalars(query.limit(_MOST_NUMBERS)))
    numbers: tuple[int, ...] = g.struck
    return numbers


def _removed(session: Session, which: Which) -> dict[Group, dict[int, int]]:
    """Return how many struck answers gave which score, by whom they are about."""
    numbers = _struck_numbers(session)
    of = sa.func.coalesce(Interaction.staff_id, 0)
    query = (
        sa.select(of, Answer.score, sa.func.count())
        .select_from(Answer)
        .join(Response, Response.id == Answer.response_id)
        .join(Interaction, Interaction.id == Response.interaction_id)
        .where(
            Answer.metric == which.metric,
            Response.excluded_at.is_not(None),
            Response.suspected_at.is_(None),
            *which.conditions(),
        )
        .group_by(of, Answer.score)
    )
    if len(numbers) < _MOST_NUMBERS:
        query = query.where(Response.id.in_(numbers))
    found: dict[Group, dict[int, int]] = {}
    for staff_id, score, times in session.execute(query):
        if score is not None:
            found.setdefault((staff_id, which.waves[0]), {})[score] = times
    return found

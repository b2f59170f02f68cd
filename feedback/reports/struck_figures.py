"""A figure without and with what was struck of it, and which answers that were."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.interactions.models import Interaction
from feedback.measures.binomial import fisher_more
from feedback.measures.estimate import DEFINITIONS, Estimate
from feedback.reports.subjects import COLUMNS
from feedback.responses.models import Answer, Response
from feedback.surveys.scales import SCALES

_DIGITS = 6


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


def struck_by(
    session: Session,
    metric: str,
    by: str | None,
    where: Mapping[str, int],
    wave: int,
    first: date,
    last: date,
) -> dict[int, dict[int, int]]:
    """Return how many struck answers gave which score, by the id of each subject.

    Without `by` there is the one id 0, which otherwise stands for nobody named.
    """
    of = sa.func.coalesce(COLUMNS[by], 0) if by and by in COLUMNS else sa.literal(0)
    rows = session.execute(
        sa.select(of, Answer.score, sa.func.count())
        .select_from(Answer)
        .join(Response, Response.id == Answer.response_id)
        .join(Interaction, Interaction.id == Response.interaction_id)
        .where(
            Answer.metric == metric,
            Response.excluded_at.is_not(None),
            Response.suspected_at.is_(None),
            Response.wave == wave,
            Interaction.day >= first,
            Interaction.day <= last,
            *(COLUMNS[subject] == id_ for subject, id_ in where.items()),
        )
        .group_by(of, Answer.score)
    )
    found: dict[int, dict[int, int]] = {}
    for id_, score, times in rows:
        if score is not None:
            found.setdefault(id_, {})[score] = times
    return found


def struck_json(found: Struck | None) -> dict[str, Any] | None:
    """Return it as every surface writes it: what was struck, and the figure with it."""
    if found is None:
        return None
    one = found.with_them
    return {
        "n": found.n,
        "counts": {str(score): times for score, times in sorted(found.counts.items())},
        "with_them": {
            "n": one.n,
            "value": round(one.value, _DIGITS),
            "low": round(one.low, _DIGITS),
            "high": round(one.high, _DIGITS),
        },
        "p": None if found.p is None else round(found.p, _DIGITS),
    }

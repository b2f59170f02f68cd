"""Gives programs whether a figure met its target, as far as its answers can decide that."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from feedback.measures.standing import may_be_compared
from feedback.measures.targets import target_outcome
from feedback.reports.periods import next_start, start_of
from feedback.reports.spans import Span
from feedback.touchpoints.models import Target
from feedback.touchpoints.targets import applied, subjects_of

_A_DAY = timedelta(days=1)


def add_targets(
    session: Session,
    metric: str,
    wave: int,
    where: Mapping[str, int],
    points: list[dict[str, Any]],
    days: Sequence[Span],
    lines: Sequence[Target],
) -> None:
    """Add the target to the points of a group, in place; None where there is none.

    `where` has the ids of what the group is about, `days` those of each point, `lines` what
    `lines_of` has for all of them. The target at the end of its days decides. About one person
    nothing is said by fewer than 30 answers or a reliability below 0.70.
    """
    about: list[tuple[str, int]] = []
    for point, span in zip(points, days, strict=True):
        point["target"] = None
        person = point.get("person")
        is_few = "staff" in where and not (person and may_be_compared(person["standing"]))
        if is_few or point["value"] is None or not lines:
            continue
        # Asked for once, and of most people never: their answers are too few.
        about = about or subjects_of(session, where)
        targets = applied(lines, metric, wave, about, span.first, span.last)
        if targets:
            last = targets[-1]
            point["target"] = {
                "value": last.value,
                "outcome": target_outcome(point["low"], point["high"], last.value),
                "set_late": last.is_late,
                "changed": len(targets) > 1,
            }


def days_of(span: Span, period: str | None) -> list[Span]:
    """Return the days of each point of a request, cut to those asked for."""
    if period is None:
        return [span]
    found, start = [], start_of(span.first, period)
    while start <= span.last:
        after = next_start(start, period)
        found.append(Span(max(start, span.first), min(after - _A_DAY, span.last)))
        start = after
    return found

"""Which target applied to a figure on a day: the log of targets read back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import takewhile

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from feedback.interactions.models import StaffMember
from feedback.touchpoints.models import Target

# The most specific first: a figure of several takes its target from the first that has one.
SUBJECTS = ("touchpoint", "team", "channel", "all")
_A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Applied:
    """A target and the days, both ends included, on which it applied."""

    target: Target
    value: float
    first: date
    last: date

    @property
    def is_late(self) -> bool:
        """Tell whether it was set after its days had begun; then a chart says so."""
        return self.target.is_late


def target_on(
    session: Session, metric: str, wave: int, where: Mapping[str, int], day: date
) -> Applied | None:
    """Return the target that applied to a figure on a day, or None."""
    return next(iter(targets_during(session, metric, wave, where, day, day)), None)


def targets_during(
    session: Session, metric: str, wave: int, where: Mapping[str, int], first: date, last: date
) -> list[Applied]:
    """Return the targets that applied to a figure, each with its days, in order.

    `where` has the ids of what the figure is about by subject, `{}` where it is about everything;
    a staff member has the targets of their team. Values are in the metric's own unit. Days on which
    nothing was aimed at are in none of them, and what waits for a second person does not apply.
    """
    about = subjects_of(session, where)
    lines = lines_of(session, first, last)
    return applied(lines, metric, wave, about, first, last)


def applied(
    lines: Sequence[Target],
    metric: str,
    wave: int,
    about: Sequence[tuple[str, int]],
    first: date,
    last: date,
) -> list[Applied]:
    """Return the same from lines already read, `about` being what `subjects_of` returns."""
    by_subject = _by_subject(lines, metric, wave, about)
    found: list[Applied] = []
    for start, end in _stretches([line for rows in by_subject for line in rows], first, last):
        target = next(filter(None, (_on(rows, start) for rows in by_subject)), None)
        if target is None or target.value is None:
            continue
        before = found[-1] if found else None
        if before and before.target is target and before.last + _A_DAY == start:
            found[-1] = Applied(target, target.value, before.first, end)
        else:
            found.append(Applied(target, target.value, start, end))
    return found


def set_late(
    lines: Sequence[Target],
    metric: str,
    wave: int,
    about: Sequence[tuple[str, int]],
    first: date = date.min,
    last: date = date.max,
) -> list[Target]:
    """Return the lines set late that have to do with what applied on these days, in order.

    Without days, on any day.

    Those that applied; those they replaced, as far as nothing set in time lies between; and those
    that took a target back.
    """
    by_subject = _by_subject(lines, metric, wave, about)
    found: dict[int, Target] = {}
    for start, _end in _stretches([line for rows in by_subject for line in rows], first, last):
        for rows in by_subject:
            covering = [row for row in rows if row.covers(start)]
            late = takewhile(lambda row: row.is_late, reversed(covering))
            found |= {row.id: row for row in late}
            if _on(rows, start) is not None:
                break
    return [found[id_] for id_ in sorted(found)]


def replaced_by(lines: Sequence[Target], line: Target) -> Target | None:
    """Return what applied to the same on the first day of a line before that line counted."""
    moment = (line.counted_from, line.id)
    earlier = [
        other
        for other in lines
        if other.counts
        and (other.metric, other.wave, _about(other)) == (line.metric, line.wave, _about(line))
        and (other.counted_from, other.id) < moment
    ]
    earlier.sort(key=lambda other: (other.counted_from, other.id))
    return _on(earlier, line.from_day)


def subjects_of(session: Session, where: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return whose targets a figure may take, the most specific first, everybody's last."""
    ids = {subject: id_ for subject, id_ in where.items() if subject in SUBJECTS}
    if "staff" in where and "team" not in ids:
        team = session.scalar(
            sa.select(StaffMember.team_id).where(StaffMember.id == where["staff"])
        )
        if team is not None:
            ids["team"] = team
    ids["all"] = 0
    return [(subject, ids[subject]) for subject in SUBJECTS if subject in ids]


def the_log(session: Session) -> list[Target]:
    """Return every line of the log with the people in it, the newest first."""
    people = (joinedload(Target.set_by), joinedload(Target.confirmed_by),
              joinedload(Target.declined_by))  # fmt: skip
    return list(session.scalars(sa.select(Target).options(*people).order_by(Target.id.desc())))


def lines_of(session: Session, first: date, last: date) -> Sequence[Target]:
    """Return the lines of the log, of whatever subject, about any of these days."""
    return session.scalars(
        sa.select(Target).where(
            Target.from_day <= last, sa.or_(Target.to_day.is_(None), Target.to_day >= first)
        )
    ).all()


def _about(line: Target) -> tuple[str, int]:
    return line.subject, line.subject_id


def _by_subject(
    lines: Sequence[Target], metric: str, wave: int, about: Sequence[tuple[str, int]]
) -> list[list[Target]]:
    """Return the lines that count, for each subject in the order in which they began to."""
    counting = sorted(
        (line for line in lines if line.counts and (line.metric, line.wave) == (metric, wave)),
        key=lambda line: (line.counted_from, line.id),
    )
    return [[line for line in counting if subject == _about(line)] for subject in about]


def _stretches(lines: Sequence[Target], first: date, last: date) -> list[tuple[date, date]]:
    """Return the days cut where any line begins or ends."""
    cuts = {line.from_day for line in lines} | {
        line.to_day + _A_DAY for line in lines if line.to_day is not None
    }
    starts = [first, *sorted(cut for cut in cuts if first < cut <= last)]
    ends = [start - _A_DAY for start in starts[1:]] + [last]
    return list(zip(starts, ends, strict=True))


def _on(rows: Sequence[Target], day: date) -> Target | None:
    """Return what applies on a day of the lines about one subject, in the order they counted."""
    covering = [row for row in rows if row.covers(day)]
    return covering[-1] if covering and covering[-1].value is not None else None

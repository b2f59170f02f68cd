"""Single answers, newest first: those behind a figure, as far as their reader may see them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from feedback.interactions.models import Interaction
from feedback.reports.spans import Span
from feedback.reports.subjects import COLUMNS
from feedback.reports.twice.pair_counts import turned_bad
from feedback.responses.models import Answer, Response, that_counts

PAGE = 50
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CURSOR = re.compile(r"([0-9]{1,16})-([0-9]{1,15})")

# (staff member's id or 0, wave)
Group = tuple[int, int]


class BadCursor(Exception):
    """Not a place in the list."""


@dataclass(frozen=True)
class Which:
    """Which answers: of these days and waves, of this part, with this score, with words."""

    span: Span
    waves: tuple[int, ...]
    where: Mapping[str, int]
    metric: str | None = None
    scores: tuple[int, ...] | None = None
    with_comment: bool = False
    # What does not count stands in lists, struck; where only a few are quoted it would mislead.
    with_struck: bool = True
    # Only those of wave 2 that are not satisfied and were in wave 1.
    turned_bad: bool = False

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """Return what a response and its interaction must fulfil."""
        found = [
            Interaction.day >= self.span.first,
            Interaction.day <= self.span.last,
            Response.wave.in_(self.waves),
            *(COLUMNS[subject] == id_ for subject, id_ in self.where.items()),
        ]
        if self.metric is not None:
            score = [Answer.score.in_(self.scores)] if self.scores is not None else []
            found.append(_has(Answer.metric == self.metric, *score))
        if self.with_comment:
            found.append(_has(Answer.comment.is_not(None)))
        if self.turned_bad:
            found.append(turned_bad())
        if not self.with_struck:
            found.append(that_counts())
        return found


def _has(*conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    # Every answer's key begins with its response's, so each look-up is one step in an index.
    there = sa.exists().where(Answer.response_id == Response.id, *conditions)
    return there.correlate(Response)


def among(groups: Sequence[Group] | set[Group]) -> sa.ColumnElement[bool]:
    """Return the condition that a response is about one of these people in this wave."""
    by_wave: dict[int, list[int]] = {}
    for staff_id, wave in groups:
        by_wave.setdefault(wave, []).append(staff_id)
    staff = sa.func.coalesce(Interaction.staff_id, 0)
    return sa.or_(
        sa.false(),
        *(sa.and_(Response.wave == wave, staff.in_(ids)) for wave, ids in by_wave.items()),
    )


def how_many(session: Session, which: Which, groups: set[Group] | None = None) -> int:
    """Return how many answers count among these; of these people only, where any are named."""
    query = (
        sa.select(sa.func.count())
        .select_from(Response)
        .join(Interaction, Interaction.id == Response.interaction_id)
        .where(that_counts(), *which.conditions())
    )
    if which.metric is not None:
        # A response that answers two questions of one metric counts twice in its figure.
        query = query.join(Answer, Answer.response_id == Response.id)
        query = query.where(Answer.metric == which.metric)
        if which.scores is not None:
            query = query.where(Answer.score.in_(which.scores))
    if groups is not None:
        query = query.where(among(groups))
    return session.scalar(query) or 0


def newest(
    session: Session,
    which: Which,
    groups: set[Group] | None,
    *,
    before: str = "",
    limit: int = PAGE,
) -> tuple[list[Response], str | None]:
    """Return a page of responses, the latest answered first, and the place where the next begins.

    Those that do not count are among them: struck, not gone. Raises BadCursor for a `before` that
    is none.
    """
    query = (
        sa.select(Response)
        .join(Response.interaction)
        .options(
            contains_eager(Response.interaction).options(
                joinedload(Interaction.channel), joinedload(Interaction.staff)
            ),
            selectinload(Response.answers),
        )
        .where(*which.conditions())
        .order_by(Response.answered_at.desc(), Response.id.desc())
        .limit(limit + 1)
    )
    if groups is not None:
        query = query.where(among(groups))
    if before:
        moment, id_ = _place(before)
        query = query.where(
            sa.or_(
                Response.answered_at < moment,
                sa.and_(Response.answered_at == moment, Response.id < id_),
            )
        )
    found = list(session.scalars(query))
    return found[:limit], place_after(found[limit - 1]) if len(found) > limit else None


def place_after(response: Response) -> str:
    """Return the place in the list where what follows this response begins."""
    return f"{(response.answered_at - _EPOCH) // timedelta(microseconds=1)}-{response.id}"


def _place(text: str) -> tuple[datetime, int]:
    match = _CURSOR.fullmatch(text)
    if match is None:
        raise BadCursor(text)
    return _EPOCH + timedelta(microseconds=int(match[1])), int(match[2])

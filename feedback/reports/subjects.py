"""What figures can be about, and the columns that say so."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.interactions.models import Channel, Interaction, StaffMember, Team
from feedback.measures.estimate import DEFINITIONS
from feedback.responses.models import Answer, Response, that_counts
from feedback.surveys.scales import UNCOUNTED
from feedback.touchpoints.models import Touchpoint

COLUMNS: Mapping[str, sa.ColumnElement[Any]] = {
    "channel": Interaction.channel_id.expression,
    "team": Interaction.team_id.expression,
    "staff": Interaction.staff_id.expression,
    "touchpoint": Interaction.touchpoint_id.expression,
}
# The column outsiders know each kind by.
KEYS: Mapping[str, sa.ColumnElement[str]] = {
    "channel": Channel.code.expression,
    "team": Team.name.expression,
    "staff": StaffMember.external_id.expression,
    "touchpoint": Touchpoint.key.expression,
}
_IDS: Mapping[str, sa.ColumnElement[int]] = {
    "channel": Channel.id.expression,
    "team": Team.id.expression,
    "staff": StaffMember.id.expression,
    "touchpoint": Touchpoint.id.expression,
}


def id_of(session: Session, subject: str, key: str) -> int | None:
    """Return the id of a channel, team, staff member or touchpoint by its public key, or None."""
    return session.scalar(sa.select(_IDS[subject]).where(KEYS[subject] == key))


def named(session: Session, subject: str, locale: str) -> dict[int, tuple[str, str]]:
    """Return the key and the name of everything of a kind, by id."""
    rows: list[tuple[int, str, str]]
    if subject == "channel":
        rows = [(c.id, c.code, c.name(locale)) for c in session.scalars(sa.select(Channel))]
    elif subject == "touchpoint":
        rows = [(t.id, t.key, t.name(locale)) for t in session.scalars(sa.select(Touchpoint))]
    elif subject == "team":
        found = session.execute(sa.select(Team.id, Team.name, Team.name))
        rows = [(id_, key, name) for id_, key, name in found]
    else:
        # Columns alone: a thousand people as objects would take longer than their figures.
        staff = sa.select(StaffMember.id, StaffMember.external_id, StaffMember.name)
        rows = [(id_, key, name) for id_, key, name in session.execute(staff)]
    return {id_: (key, name) for id_, key, name in rows}


def offered(session: Session, subject: str, locale: str) -> dict[int, tuple[str, str]]:
    """Return the key and the name of what may be chosen, by id.

    Of touchpoints, those that ever took a contact; most of a plan may never have been live.
    """
    found = named(session, subject, locale)
    if subject != "touchpoint":
        return found
    has = sa.exists().where(Interaction.touchpoint_id == Touchpoint.id)
    met = set(session.scalars(sa.select(Touchpoint.id).where(has)))
    return {id_: pair for id_, pair in found.items() if id_ in met}


def answered_metrics(session: Session) -> list[str]:
    """Return the metrics there are any scores of, all asked for at once."""
    there = [sa.exists().where(Answer.metric == metric) for metric in DEFINITIONS]
    found = session.execute(sa.select(*there)).one()
    return [metric for metric, is_there in zip(DEFINITIONS, found, strict=True) if is_there]


def by_name(name: str) -> bytes:
    """Return what names are sorted by: GB 18030 has the usual characters in the order of pinyin."""
    return name.casefold().encode("gb18030", "replace")


def counted() -> sa.Select[tuple[()]]:
    """Return a query over every score that counts, joined to its interaction; add the columns."""
    return (
        sa.select()
        .select_from(Answer)
        .join(Response, Response.id == Answer.response_id)
        .join(Interaction, Interaction.id == Response.interaction_id)
        # Not "is one of ours": for that SQLite would go through every answer there ever was by the
        # index of metrics, where the days lead to a handful.
        .where(that_counts(), Answer.score.is_not(None), Answer.metric.not_in(UNCOUNTED))
    )

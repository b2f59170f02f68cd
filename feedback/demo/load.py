"""Puts the demo organisation into an empty database, whole or not at all."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.accounts.models import User
from feedback.accounts.passwords import hash_password
from feedback.config import InvitationPolicy
from feedback.database import Base, continue_numbering
from feedback.demo import cast
from feedback.demo.fates import Telling
from feedback.demo.plans import add_plans
from feedback.demo.world import World, build
from feedback.interactions.models import Channel, Customer, Interaction, StaffMember, Team
from feedback.organisation import Organisation
from feedback.outbox.models import Message
from feedback.surveys.keep import name_owner
from feedback.surveys.models import Survey
from feedback.touchpoints.models import Touchpoint

_CHUNK = 5000
_ONE_AT_A_TIME = 7_301_650_072
Progress = Callable[[int, int], None]

# What a demo would be mixed with: any of these means that somebody has begun to use this place.
_BEGUN = (Organisation, User, StaffMember, Team, Channel, Customer, Interaction, Message)


def wait_for_others(session: Session) -> None:
    """Let one process after another look whether the database is empty, and fill it."""
    if session.get_bind().dialect.name == "postgresql":
        # SQLite's write lock does the same by itself.
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(_ONE_AT_A_TIME)))


def is_empty(session: Session) -> bool:
    """Tell whether nothing has happened and nobody may sign in here yet."""
    return not any(session.scalar(sa.select(sa.exists(sa.select(table)))) for table in _BEGUN)


def load(
    session: Session,
    *,
    policy: InvitationPolicy,
    key: str,
    now: datetime,
    progress: Progress = lambda done, of: None,
) -> int:
    """Add the organisation, its people and two years of contacts; return how many contacts.

    Adds and flushes; the caller commits, so that a demo cut short leaves nothing behind.
    """
    world = build(now, policy.zone)
    places = _add_people(session, now)
    surveys = {1: _live_survey(session, "after"), 2: _live_survey(session, "follow_up")}
    rows = Telling(world, policy, surveys, key, now).tell()
    tables: list[tuple[str, Sequence[Mapping[str, Any]]]] = [
        ("customer", _customers(world)),
        ("interaction", _interactions(world, places, policy)),
        ("message", rows.message),
        ("invitation", rows.invitation),
        ("response", rows.response),
        ("answer", rows.answer),
        ("suppression", list(rows.suppression.values())),
    ]
    of, done = sum(len(content) for _, content in tables), 0
    for name, content in tables:
        # The table itself: through its mapped class the same rows would take twice as long.
        table = Base.metadata.tables[name]
        for chunk in _chunks(content):
            session.execute(sa.insert(table), chunk)
            done += len(chunk)
            progress(done, of)
    add_plans(session, now, policy.zone)
    continue_numbering(session)
    if session.get_bind().dialect.name == "postgresql":
        # Without it PostgreSQL takes the tables for empty, and adding them up takes minutes.
        session.execute(sa.text("ANALYZE"))
    return len(world.contacts)


def _chunks(rows: Sequence[Mapping[str, Any]]) -> Iterable[list[Mapping[str, Any]]]:
    waiting = iter(rows)
    while chunk := list(islice(waiting, _CHUNK)):
        yield chunk


def _live_survey(session: Session, key: str) -> int:
    live = sa.and_(Survey.published_at.is_not(None), Survey.retired_at.is_(None))
    return session.scalars(sa.select(Survey.id).where(Survey.key == key, live)).one()


def _add_people(session: Session, now: datetime) -> dict[str, dict[str, int]]:
    """Add everybody who serves or may sign in; return the keys rows will need."""
    session.add(
        Organisation(
            id=1,
            name_en=cast.NAME_EN,
            name_zh=cast.NAME_ZH,
            contact=cast.CONTACT,
            is_demo=True,
            created_at=now,
        )
    )
    channels = [
        Channel(code=channel.code, name_en=channel.name_en, name_zh=channel.name_zh)
        for channel in cast.CHANNELS
    ]
    teams = {name: Team(name=name) for name in cast.TEAMS}
    session.add_all([*channels, *teams.values()])
    session.flush()
    staff = [
        StaffMember(
            external_id=person.external_id,
            name=person.name,
            email=f"{person.external_id}@example.com",
            team_id=teams[person.team].id,
        )
        for person in cast.PEOPLE
    ]
    session.add_all(staff)
    session.flush()
    staff_ids = {member.external_id: member.id for member in staff}
    password_hash = hash_password(cast.PASSWORD)
    for email, role, member in cast.USERS:
        session.add(
            User(
                email=email,
                role=role,
                staff_id=staff_ids[member] if member else None,
                password_hash=password_hash,
                created_at=now,
            )
        )
        if role == "admin":
            name_owner(session, email)
    session.flush()
    return {
        "channel": {channel.code: channel.id for channel in channels},
        "team": {name: team.id for name, team in teams.items()},
        "staff": staff_ids,
        "touchpoint": {
            "": session.scalars(sa.select(Touchpoint.id).where(Touchpoint.key == "service")).one()
        },
    }


def _customers(world: World) -> list[dict[str, Any]]:
    first_seen: dict[int, datetime] = {}
    for contact in world.contacts:
        first_seen.setdefault(contact.customer, contact.closed_at)
    return [
        {"id": number + 1, "key": f"phone:{world.buyers[number].phone}", "created_at": seen_at}
        for number, seen_at in sorted(first_seen.items())
    ]


def _interactions(
    world: World, places: dict[str, dict[str, int]], policy: InvitationPolicy
) -> list[dict[str, Any]]:
    rows = []
    for contact in world.contacts:
        buyer, person = world.buyers[contact.customer], contact.person
        rows.append(
            {
                "id": contact.number,
                "source": "demo",
                "external_id": f"GD-{contact.number:06d}",
                "kind": cast.KINDS[contact.channel],
                "subject": contact.subject,
                "closed_at": contact.closed_at,
                "day": contact.closed_at.astimezone(policy.zone).date(),
                "recorded_at": contact.closed_at,
                "channel_id": places["channel"][contact.channel],
                "staff_id": places["staff"][person.external_id] if person else None,
                "team_id": places["team"][person.team] if person else None,
                "touchpoint_id": places["touchpoint"][""],
                "customer_id": contact.customer + 1,
                "customer_name": buyer.name,
                "customer_gender": buyer.gender,
                "customer_email": buyer.email,
                "customer_phone": buyer.phone,
                "customer_locale": buyer.locale,
            }
        )
    return rows

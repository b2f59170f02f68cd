"""The vital signs: whether database and tables are there, a worker works and mail moves."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Literal

import sqlalchemy as sa
from alembic.script import ScriptDirectory
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from feedback.config import ROOT
from feedback.outbox.beat import last_beat
from feedback.outbox.claim import LEASE
from feedback.outbox.models import Message
from feedback.pauses import open_pause

# An embedded worker is seen after each round, however long; one started by cron more seldom.
EMBEDDED_SILENCE, OTHER_SILENCE = timedelta(minutes=5), timedelta(minutes=15)
# Whoever is asked minutes after a contact must not wait for an hour because nobody looked.
STUCK_AFTER = timedelta(minutes=15)

State = Literal["ok", "warn", "bad"]


@dataclass(frozen=True)
class Finding:
    """What looking at one thing found."""

    name: str
    state: State
    why: str


def vital_signs(session: Session, config: Mapping[str, Any], now: datetime) -> list[Finding]:
    """Return what a probe wants to know; where the database is away, the rest is unknown."""
    found = [database(session)]
    names = ("migrations", "worker", "queue")
    if found[0].state == "bad":
        unknown = _("unknown while the database is away")
        return found + [Finding(name, "bad", unknown) for name in names]
    found.append(migrations(session))
    if found[1].state == "bad":
        unknown = _("unknown until the migrations have run")
        return found + [Finding(name, "bad", unknown) for name in names[1:]]
    return [*found, worker(session, config, now), queue(session, now)]


def database(session: Session) -> Finding:
    """Tell whether the database answers."""
    try:
        session.execute(sa.select(1))
    except DBAPIError:
        session.rollback()
        return Finding("database", "bad", _("the database does not answer"))
    return Finding("database", "ok", _("the database answers"))


def migrations(session: Session) -> Finding:
    """Tell whether the tables are those this program works with."""
    try:
        here = set(session.scalars(sa.text("SELECT version_num FROM alembic_version")))
    except DBAPIError:
        session.rollback()
        here = set()
    if here == newest_migrations():
        return Finding("migrations", "ok", _("up to date"))
    return Finding("migrations", "bad", _("not up to date: `flask db upgrade`"))


@lru_cache(maxsize=1)
def newest_migrations() -> frozenset[str]:
    """Return the revisions a database is at when it is up to date."""
    return frozenset(ScriptDirectory(str(ROOT / "migrations")).get_heads())


def worker(session: Session, config: Mapping[str, Any], now: datetime) -> Finding:
    """Tell whether a worker has been seen lately, where one is expected."""
    embedded = config["WORKER"] == "embedded"
    seen_at = last_beat(session, now)
    if seen_at is None:
        never = _("no worker has been seen")
        return Finding("worker", "bad" if embedded else "ok", never)
    silent = now - seen_at
    limit = EMBEDDED_SILENCE if embedded else OTHER_SILENCE
    return Finding("worker", "bad" if silent > limit else "ok", _("seen %(ago)s", ago=ago(silent)))


def queue(session: Session, now: datetime) -> Finding:
    """Tell whether mail that may go does go."""
    due = due_messages(now)
    waiting = session.scalar(sa.select(sa.func.count()).select_from(Message).where(*due))
    if not waiting:
        return Finding("queue", "ok", _("nothing waits"))
    if (pause := open_pause(session)) is not None:
        # Somebody wants it so; a probe that wakes others over it would be switched off.
        stands = ngettext(
            "%(num)s message waits: paused %(ago)s",
            "%(num)s messages wait: paused %(ago)s",
            waiting,
            ago=ago(now - pause.paused_at),
        )
        return Finding("queue", "warn", stands)
    age = oldest_wait(session, now)
    why = ngettext(
        "%(num)s message waits; it might have gone %(ago)s",
        "%(num)s messages wait; the oldest might have gone %(ago)s",
        waiting,
        ago=ago(age),
    )
    return Finding("queue", "bad" if age > STUCK_AFTER else "ok", why)


def oldest_wait(session: Session, now: datetime) -> timedelta:
    """Return for how long the message that has waited longest might have gone."""
    oldest = session.scalar(
        sa.select(Message.send_after)
        .where(*due_messages(now))
        .order_by(Message.send_after)
        .limit(1)
    )
    return now - oldest if oldest else timedelta()


def due_messages(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    """Return what is true of messages that may go now and that nobody is sending."""
    return (
        Message.sent_at.is_(None),
        Message.failed_at.is_(None),
        Message.cancelled_at.is_(None),
        Message.send_after <= now,
        sa.or_(Message.claimed_at.is_(None), Message.claimed_at <= now - LEASE),
    )


def ago(span: timedelta) -> str:
    """Return how long ago something was, in the largest unit that fits."""
    seconds = max(0, int(span.total_seconds()))
    if seconds >= 86400:
        return str(ngettext("%(num)s day ago", "%(num)s days ago", seconds // 86400))
    if seconds >= 3600:
        return str(ngettext("%(num)s hour ago", "%(num)s hours ago", seconds // 3600))
    if seconds >= 60:
        return str(ngettext("%(num)s minute ago", "%(num)s minutes ago", seconds // 60))
    return str(ngettext("%(num)s second ago", "%(num)s seconds ago", seconds))

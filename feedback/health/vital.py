"""The vital signs: whether database and tables are there, a worker works and mail moves."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from alembic.script import ScriptDirectory
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from feedback.config import ROOT
from feedback.health.finding import Finding, ago, lasting
from feedback.health.writable import why_unwritable
from feedback.invitations.models import Invitation
from feedback.outbox.claim import LEASE
from feedback.outbox.models import MailStandstill, Message, WorkerPulse
from feedback.outbox.pulse import is_awake, is_stuck, last_pulses, seen_at, waits_for_mail_server
from feedback.outbox.standstill import standstill
from feedback.pauses import open_pause

# One that cron starts is missed later; only its administrator knows how often that is.
CRON_SILENCE = timedelta(minutes=15)
# Due work is taken up within seconds where there is a worker.
NOBODY_AFTER = timedelta(seconds=20)
# Whoever is asked minutes after a contact must not wait for an hour because nobody looked.
STUCK_AFTER = timedelta(minutes=15)
# What the server turned away goes to the back of the queue, for minutes, and is due all the same.
_BACK_OF_THE_QUEUE = timedelta(minutes=10)
_SIGN_IN_CODES = (530, 534, 535, 538)


def vital_signs(session: Session, config: Mapping[str, Any], now: datetime) -> list[Finding]:
    """Return what a probe wants to know; where the database is away, the rest is unknown."""
    found = [database(session, now)]
    if found[0].state == "bad":
        return found + unknown_but("database")
    found.append(migrations(session))
    if found[1].state == "bad":
        reason = _("unknown until the migrations have run")
        return found + [Finding(name, "unknown", reason) for name in ("worker", "queue")]
    return [*found, *working(session, config, now)]


def working(session: Session, config: Mapping[str, Any], now: datetime) -> tuple[Finding, Finding]:
    """Tell whether a worker works and whether mail moves; one fault is told of once."""
    found, mail = worker(session, config, now), queue(session, now)
    if found.state == "bad" and mail.state == "bad" and _refused(session, now) is None:
        # That it waits follows from there being nobody to send it.
        mail = replace(mail, state="unknown")
    return found, mail


def unknown_but(known: str) -> list[Finding]:
    """Return that nothing can be said about the others while the database is away."""
    reason = _("unknown while the database is away")
    names = ("database", "migrations", "worker", "queue")
    return [Finding(name, "unknown", reason) for name in names if name != known]


def database(session: Session, now: datetime) -> Finding:
    """Tell whether the database answers, and would take what customers say."""
    try:
        session.execute(sa.select(1))
        why = why_unwritable(session, now)
    except DBAPIError:
        session.rollback()
        why = _("the database does not answer")
    if why is not None:
        return Finding("database", "bad", why)
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
    """Tell whether a worker lives and its work goes on, where one is expected."""
    pulses = last_pulses(session, now)
    awake = [pulse for pulse in pulses if is_awake(pulse, now)]
    moving = [pulse for pulse in awake if not is_stuck(pulse)]
    if moving:
        return _moving(moving, len(awake), now)
    if awake:
        # Of several, the one that went on last; none of them does.
        last = max(awake, key=lambda pulse: pulse.moved_at)
        why = _(
            "lives, but its work has not gone on for %(long)s", long=lasting(now, last.moved_at)
        )
        return Finding("worker", "bad", why)
    return _nobody(session, config, now, pulses[0] if pulses else None)


def _moving(moving: list[WorkerPulse], awake: int, now: datetime) -> Finding:
    seen = ago(now - moving[0].alive_at)
    if len(moving) < awake:
        why = ngettext(
            "seen %(ago)s; %(num)s other lives, but its work does not go on",
            "seen %(ago)s; %(num)s others live, but their work does not go on",
            awake - len(moving),
            ago=seen,
        )
        return Finding("worker", "warn", why)
    return Finding("worker", "ok", _("seen %(ago)s", ago=seen))


def _nobody(
    session: Session, config: Mapping[str, Any], now: datetime, last: WorkerPulse | None
) -> Finding:
    """Tell what it means that no worker is awake."""
    seen = seen_at(session, now)
    if config["WORKER"] == "embedded" or (last is not None and last.stays):
        if seen is None:
            return Finding("worker", "bad", _("no worker has been seen"))
        return Finding("worker", "bad", _("last seen %(ago)s", ago=ago(now - seen)))
    # Beside the site there may be `flask work` that has never been started, or one from cron.
    if seen is not None:
        is_missed = now - seen > CRON_SILENCE
        why = _("seen %(ago)s", ago=ago(now - seen))
        return Finding("worker", "bad" if is_missed else "ok", why)
    if open_pause(session) is None and _waits(session, now - NOBODY_AFTER):
        why = _("no worker has been seen, and there is work to do: `flask work`")
        return Finding("worker", "bad", why)
    return Finding("worker", "ok", _("no worker has been seen"))


def _waits(session: Session, since: datetime) -> bool:
    """Tell whether anything was due at a moment and still is."""
    due = sa.select(Invitation.id).where(
        Invitation.issued_at.is_(None),
        Invitation.withheld_at.is_(None),
        Invitation.due_at <= since,
    )
    mail = sa.select(Message.id).where(*due_messages(since))
    return any(session.scalar(query.limit(1)) is not None for query in (due, mail))


def queue(session: Session, now: datetime) -> Finding:
    """Tell whether mail that may go does go."""
    waiting = session.scalar(
        sa.select(sa.func.count()).select_from(Message).where(*due_messages(now))
    )
    pause = open_pause(session)
    if pause is None and (why := _refused(session, now)) is not None:
        return Finding("queue", "bad", why)
    if not waiting:
        return Finding("queue", "ok", _("nothing waits"))
    if pause is not None:
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


def _refused(session: Session, now: datetime) -> str | None:
    """Return why the mail server takes nothing, where there is mail for it, or None."""
    slow = [pulse for pulse in last_pulses(session, now) if is_awake(pulse, now)]
    slow = [pulse for pulse in slow if waits_for_mail_server(pulse)]
    if slow:
        since = min(pulse.moved_at for pulse in slow)
        return str(
            _("the mail server has left a mail waiting for %(long)s", long=lasting(now, since))
        )
    stands = standstill(session)
    if stands is None or not stands.is_sure or stands.since > now + timedelta(minutes=1):
        return None
    may_go = due_messages(now + _BACK_OF_THE_QUEUE, claimed_before=now)
    if session.scalar(sa.select(Message.id).where(*may_go).limit(1)) is None:
        return None
    return _refusal(stands, now)


def _refusal(stands: MailStandstill, now: datetime) -> str:
    said = {"code": stands.code, "ago": ago(now - stands.since)}
    if stands.code is None:
        return str(_("the mail server has not answered; first noticed %(ago)s", **said))
    if stands.code in _SIGN_IN_CODES:
        why = _("the mail server refuses our sign-in (%(code)s); first noticed %(ago)s", **said)
        return str(why)
    return str(_("the mail server takes nothing (%(code)s); first noticed %(ago)s", **said))


def oldest_wait(session: Session, now: datetime) -> timedelta:
    """Return for how long the message that has waited longest might have gone."""
    oldest = session.scalar(
        sa.select(Message.send_after)
        .where(*due_messages(now))
        .order_by(Message.send_after)
        .limit(1)
    )
    return now - oldest if oldest else timedelta()


def due_messages(
    now: datetime, *, claimed_before: datetime | None = None
) -> tuple[sa.ColumnElement[bool], ...]:
    """Return what is true of messages that may go now and that nobody is sending."""
    lease = (claimed_before or now) - LEASE
    return (
        Message.sent_at.is_(None),
        Message.failed_at.is_(None),
        Message.cancelled_at.is_(None),
        Message.send_after <= now,
        sa.or_(Message.claimed_at.is_(None), Message.claimed_at <= lease),
    )

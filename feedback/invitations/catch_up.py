"""Takes up asking again where no worker has run for a while: spread, and not in the night."""

import logging
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from feedback.config import InvitationPolicy
from feedback.database import db, reading
from feedback.invitations.backlog import spread
from feedback.outbox.beat import beat_in, last_beat
from feedback.pauses import note_standstill, open_pause

log = logging.getLogger(__name__)

# Workers are seen every few seconds, and after each step of at most 20. One that is started anew
# is back before this; whoever waited longer was not asked "right after" anyway.
ASLEEP = timedelta(hours=1)
_ONE_AT_A_TIME = 7_301_650_072


def catch_up(app: Flask, *, worker: str, now: datetime) -> bool:
    """Spread what became due while no worker ran; return whether that had to be done.

    Of several workers that wake together one does it: with it goes its sign of life, and the others
    see that.
    """
    with app.app_context():
        with reading(), Session(db.engine) as session:
            if not _slept(session, now):
                return False
        with Session(db.engine) as session, session.begin():
            if session.get_bind().dialect.name == "postgresql":
                session.execute(sa.select(sa.func.pg_advisory_xact_lock(_ONE_AT_A_TIME)))
            since = _slept(session, now)
            if since is None:
                return False
            if open_pause(session) is None:
                backlog = spread(session, InvitationPolicy.from_config(app.config), now)
                note_standstill(session, since=since, now=now, by=worker)
                log.warning("No worker ran since %s: %s mails go out spread", since, backlog.going)
            beat_in(session, worker, now)
    return True


def _slept(session: Session, now: datetime) -> datetime | None:
    """Return when a worker was last seen, where that is too long ago."""
    seen_at = last_beat(session, now)
    return seen_at if seen_at is not None and now - seen_at >= ASLEEP else None

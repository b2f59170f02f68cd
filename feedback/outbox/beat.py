"""The worker's sign of life, which health checks read."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from feedback.database import db
from feedback.outbox.models import WorkerBeat

_REMEMBERED = timedelta(days=1)
_CLOCKS_DIFFER = timedelta(minutes=1)


def beat(app: Flask, worker: str, now: datetime) -> None:
    """Note that the worker lives, and forget those long silent."""
    with app.app_context(), Session(db.engine) as session, session.begin():
        beat_in(session, worker, now)


def beat_in(session: Session, worker: str, now: datetime) -> None:
    """Note it in the caller's transaction."""
    session.merge(WorkerBeat(worker=worker, at=now))
    session.execute(sa.delete(WorkerBeat).where(WorkerBeat.at < now - _REMEMBERED))


def last_beat(session: Session, now: datetime) -> datetime | None:
    """Return when any worker last said that it lives, or None if none ever did.

    A beat from later than now was made by `flask work --now`, and says nothing about today.
    """
    return session.scalar(
        sa.select(WorkerBeat.at)
        .where(WorkerBeat.at <= now + _CLOCKS_DIFFER)
        .order_by(WorkerBeat.at.desc())
        .limit(1)
    )

"""What the worker forgets after its rounds: what is left of work that is done, and what is old."""

from collections.abc import Callable
from datetime import datetime

from flask import Flask
from sqlalchemy.orm import Session

from feedback import clock
from feedback.accounts.sessions import forget_old_places, has_old_places
from feedback.accounts.uploads import forget_old_uploads, has_old_uploads
from feedback.database import db, reading
from feedback.retention.periods.run import retain_when_due


def forget_leftovers(app: Flask, now: datetime) -> None:
    """Forget files nobody came back for, and where sign-ins came from."""
    # Nothing is written where nothing is old: this runs every few seconds.
    with app.app_context(), Session(db.engine) as session:
        with reading():
            found = has_old_uploads(session, now) or has_old_places(session, now)
            session.rollback()
        if found:
            forget_old_uploads(session, now)
            forget_old_places(session, now)
            session.commit()


def forget_by_age(app: Flask, now: datetime, keep_going: Callable[[], bool]) -> None:
    """Forget what is older than somebody has agreed to keep it, once a day."""
    # A clock moved ahead to try things out, or by mistake, must not delete what is not old: after a
    # jump everything is paused, and whoever tries this out does so by `flask retain`.
    if now <= clock.now() and keep_going():
        with app.app_context():
            retain_when_due(db.engine, app.config, now, keep_going)

"""Short stories of time that passes: somebody has agreed, and a pass is made at a moment."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session

from feedback.database import db
from feedback.retention.models import RetentionRun
from feedback.retention.periods.agreed import agree, lengths_in_force
from feedback.retention.periods.lengths import lengths_set
from feedback.retention.periods.run import Pace, Pass


def say_yes(app: Flask, session: Session, now: datetime) -> None:
    """Agree to the lengths as they are set, and commit."""
    session.commit()
    with app.app_context():
        agree(db.session(), lengths_set(app.config), now)
        db.session.commit()


def pass_at(
    app: Flask,
    session: Session,
    now: datetime,
    keep_going: Callable[[], bool] = lambda: True,
    size: int = 100,
) -> RetentionRun | None:
    """Make a pass at a moment, without rest; what the session holds is read anew after it."""
    session.commit()
    with app.app_context():
        with Session(db.engine) as reader:
            lengths = lengths_in_force(reader, app.config)
        pace = Pace(size=size, ticks=lambda: 0.05, rest=lambda seconds: None)
        run = Pass(db.engine, app.config, now, lengths, pace=pace).go_on(keep_going)
    session.expire_all()
    return run


def went(run: RetentionRun | None) -> dict[str, Any]:
    """Return what a pass that ended counted, without what it did not find."""
    assert run is not None
    return {name: number for name, number in run.counts().items() if number}

"""The demo, loaded once for all tests that look at it."""

import fcntl
import shutil
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from feedback import clock, create_app
from feedback.config import InvitationPolicy
from feedback.database import db
from feedback.demo.load import load
from feedback.reports.roll_up import roll_up
from tests.conftest import settings_for


def fill(app: Flask) -> None:
    """Load the demo into an application's empty database, and add it up."""
    with app.app_context(), Session(db.engine) as session, session.begin():
        policy, now = InvitationPolicy.from_config(app.config), clock.now()
        load(session, policy=policy, key=app.config["SECRET_KEY"], now=now)
        roll_up(session, now)


@pytest.fixture(scope="session")
def demo_database(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Path:
    """An SQLite file with the demo in it, made by whichever test process comes first."""
    folder = tmp_path_factory.getbasetemp()
    if folder.name.startswith("popen-"):
        # xdist gives every process a folder of its own; its parent is everybody's.
        folder = folder.parent
    path = folder / "demo.sqlite"
    with (folder / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            aside = folder / "demo.part"
            shutil.copy(sqlite_template, aside)
            app = create_app(settings_for(f"sqlite:///{aside}", folder / "demo"))
            fill(app)
            with app.app_context():
                # Closing the last connection puts everything into the one file.
                db.engine.dispose()
            aside.rename(path)
    return path

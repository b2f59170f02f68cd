"""A house of one's own to attack: the product on a new database, by a clock wound by hand."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from flask import Flask
from sqlalchemy.orm import Session

from feedback import clock, create_app
from feedback.database import db
from tests.conftest import Postgres, Time, migrate, settings_for


@dataclass
class House:
    """The application, a session beside it, and the hands of its clock."""

    app: Flask
    session: Session
    hands: Time
    folder: Path


@contextmanager
def house(database: str, **settings: Any) -> Iterator[House]:
    """Build one on "sqlite" or "postgresql", as it is installed; tear it down at the end."""
    with tempfile.TemporaryDirectory(prefix="afterword-attack-") as name:
        folder = Path(name)
        server: Postgres | None = None
        url = f"sqlite:///{folder / 'feedback.sqlite'}"
        if database == "postgresql":
            place = folder / "postgres"
            place.mkdir()
            folder.chmod(0o755)
            server = Postgres(place)
            server.start()
            server.execute("CREATE DATABASE attacked")
            url = server.url("attacked")
        hands = Time()
        try:
            migrate(url, folder / "instance")
            values = {"PRESS_AFTER_SECONDS": 1} | settings
            app = create_app(settings_for(url, folder / "instance", **values))
            with mock.patch.object(clock, "now", lambda: hands.now):  # noqa: PT008
                with app.app_context():
                    engine = db.engine
                with Session(engine, expire_on_commit=False) as session:
                    yield House(app, session, hands, folder)
                engine.dispose()
        finally:
            if server is not None:
                server.stop()

"""What tests of figures may ask for."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from feedback.reports.request import read_score_request
from feedback.reports.scores import scores

NOW = datetime(2026, 12, 1, 4, 0, tzinfo=UTC)
Figures = Callable[..., dict[str, Any]]


@pytest.fixture
def figures(app: Flask, session: Session) -> Figures:
    """Ask for figures as the command and the API do: `figures(metric="csat", by="staff")`.

    The waiting changes of the test's session are committed first.
    """

    def ask(
        *,
        where: tuple[str, ...] = (),
        sees_all: bool = True,
        min_group: int = 5,
        **given: Any,
    ) -> dict[str, Any]:
        session.commit()
        given = {name.removesuffix("_"): str(value) for name, value in given.items() if value}
        with app.test_request_context(headers={"Accept-Language": "en"}):
            found = scores(
                session,
                read_score_request({"metric": "csat"} | given, where),
                zone=ZoneInfo("Asia/Shanghai"),
                min_group=min_group,
                sees_all=sees_all,
                locale="en",
                now=NOW,
                guards_days=not sees_all,
            )
        session.rollback()
        return found

    return ask

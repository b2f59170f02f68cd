"""What the page of a large company's people costs: `python bench/people.py`.

Makes up 1,368 people with 17,182 answers of one month, as a real shop's support had, opens the
manager's page as its first reader does and again, and holds both against the least the database
must do for it: counting the same answers by person and score, by its own driver.
"""

import random
import sqlite3
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from flask import Flask  # noqa: E402
from flask.testing import FlaskClient  # noqa: E402

from feedback import clock, create_app  # noqa: E402
from feedback.accounts import sessions  # noqa: E402
from feedback.accounts.models import User  # noqa: E402
from feedback.commands.serve import bring_up_to_date  # noqa: E402
from feedback.database import db  # noqa: E402
from feedback.reports.roll_up import roll_up  # noqa: E402

PEOPLE, ANSWERS = 1368, 17182
DAYS = "from=2026-08-01&to=2026-08-31"
LEAST = """
    SELECT interaction.staff_id, answer.score, count(*) FROM answer
    JOIN response ON response.id = answer.response_id
    JOIN interaction ON interaction.id = response.interaction_id
    WHERE answer.metric = 'csat' GROUP BY interaction.staff_id, answer.score
"""


def write_files(contacts: Path, answers: Path) -> None:
    """Write both files: people differ by 7.7 points, and most have few answers."""
    chance = random.Random(PEOPLE)
    rates = [min(0.99, max(0.3, chance.gauss(0.83, 0.077))) for _person in range(PEOPLE)]
    with contacts.open("w", encoding="utf-8") as told, answers.open("w", encoding="utf-8") as said:
        told.write(
            "external_id,channel,closed_at,customer_external_id,staff_external_id,staff_name,team\n"
        )
        said.write("interaction_external_id,answered_at,csat\n")
        for number in range(ANSWERS):
            person = number if number < PEOPLE else int(PEOPLE * chance.random() ** 1.5)
            channel = ("phone", "email", "chat")[number % 3]
            closed = datetime(2026, 8, 1 + number % 28, 8, tzinfo=UTC)
            told.write(
                f"b-{number},{channel},{closed.isoformat()},c-{number},e-{person},员工{person},"
                f"{person // 40}组\n"
            )
            score = 5 if chance.random() < rates[person] else 1
            said.write(f"b-{number},{(closed + timedelta(hours=1)).isoformat()},{score}\n")


def manager(app: Flask) -> FlaskClient:
    """Return a browser a manager is signed in with."""
    with app.app_context():
        user = User(email="bench@example.com", role="manager", created_at=clock.now())
        db.session.add(user)
        db.session.flush()
        value = sessions.begin(db.session(), user, "bench", clock.now())
        db.session.commit()
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = value
    return client


def seconds(client: FlaskClient, path: str) -> float:
    """Return how long the page takes."""
    began = time.perf_counter()
    assert client.get(path).status_code == 200
    return time.perf_counter() - began


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory(prefix="afterword-bench-") as name:
        folder = Path(name)
        app = create_app({"INSTANCE_PATH": name, "WORKER": "off"})
        runner = app.test_cli_runner()
        with app.app_context():
            bring_up_to_date()
        files = {what: folder / f"{what}.csv" for what in ("interactions", "responses")}
        write_files(*files.values())
        for what, path in files.items():
            result = runner.invoke(args=["import", what, str(path)])
            assert result.exit_code == 0, result.output
        with app.app_context():
            roll_up(db.session(), clock.now() + timedelta(hours=1))
            db.session.commit()
        client = manager(app)
        with sqlite3.connect(folder / "feedback.sqlite") as driver:
            began = time.perf_counter()
            driver.execute(LEAST).fetchall()
            least = time.perf_counter() - began
        print(f"the least: counting {ANSWERS:,} answers by person  {1000 * least:7.0f} ms")
        for title, address in (
            ("the page of 1,368 people", f"/reports?{DAYS}"),
            ("all of them in its table", f"/reports?{DAYS}&everybody=1"),
            ("their funnel", f"/reports/chart.svg?{DAYS}&draw=funnel"),
        ):
            first = seconds(client, address)
            again = min(seconds(client, address) for _time in range(5))
            print(
                f"{title:<28} first {1000 * first:7.0f} ms, again {1000 * again:7.0f} ms,"
                f" {again / least:6.1f} times the least"
            )


if __name__ == "__main__":
    main()

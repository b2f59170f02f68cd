"""`make bench`: measures the product against limits measured in the same run.

Absolute figures say more about the machine than about us; so each is given as a ratio to what the
same machine could do at best a moment before. Everything happens in a folder of its own, which is
removed, and all requests go to 127.0.0.1.
"""

import json
import os
import platform
import sys
import tempfile
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
# What the operator has set for the real site is none of a benchmark's business.
for name in [name for name in os.environ if name.startswith("FEEDBACK_")]:
    del os.environ[name]

from flask import Flask  # noqa: E402
from sqlalchemy.orm import Session  # noqa: E402

from bench import data, web  # noqa: E402
from feedback import clock, create_app  # noqa: E402
from feedback.accounts import sessions  # noqa: E402
from feedback.accounts.models import User  # noqa: E402
from feedback.commands.demo import fill  # noqa: E402
from feedback.commands.serve import bring_up_to_date  # noqa: E402
from feedback.database import db  # noqa: E402
from feedback.links import survey_token  # noqa: E402


@dataclass(frozen=True)
class Measure:
    """One result: what was measured, what is the most one could hope for, and how they relate."""

    name: str
    value: float
    unit: str
    limit: str
    limit_value: float
    ratio: float


def pages(folder: Path, app: Flask) -> list[Measure]:
    """Measure pages against a bare answer, by the computing each takes in the server."""
    environment = {"FEEDBACK_INSTANCE_PATH": str(folder), "FEEDBACK_WORKER": "off"}
    asked = {
        "sign-in page": ("/sign-in", {}),
        "survey page": (f"/s/{_token(app)}", {}),
        "reports page": ("/reports", {"Cookie": _cookie(app)}),
    }
    found = []
    with web.server(environment) as served:
        bare = web.cost_of(served, "/bare", {})
        for name, (path, headers) in asked.items():
            if (status := served.status(path, headers)) != 200:
                print(f"  {name}: answers {status}, not measured", file=sys.stderr)
                continue
            cost = web.cost_of(served, path, headers)
            found.append(
                _measure(f"{name}, computing", cost.computing_ms, "ms", "bare answer",
                         bare.computing_ms)
            )  # fmt: skip
            found.append(
                _measure(f"{name}, 8 at once", cost.per_second, "/s", "bare answer",
                         bare.per_second)
            )  # fmt: skip
            found.append(_measure(f"{name}, p99", cost.p99_ms, "ms", "bare answer", bare.p99_ms))
    return found


def _token(app: Flask) -> str:
    number = data.open_invitation(app)
    with app.test_request_context():
        return survey_token(number)


def _cookie(app: Flask) -> str:
    """Return the cookie of the demo's manager, signed in without the work of a password."""
    with app.app_context(), Session(db.engine) as session:
        manager = session.query(User).filter_by(role="manager").first()
        assert manager is not None
        value = sessions.begin(session, manager, "bench", clock.now())
        session.commit()
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = value
    name = app.config["SESSION_COOKIE_NAME"]
    kept = client.get_cookie(name)
    assert kept is not None
    return f"{name}={kept.value}"


def data_work(folder: Path, app: Flask, now: datetime) -> list[Measure]:
    """Measure importing, issuing and adding up against the driver alone."""
    database, file = folder / "feedback.sqlite", folder / "contacts.csv"
    data.write_contacts(file, now)
    imported = data.import_contacts(app, file)
    bare_rows = data.insert_bare(database)
    issued, bare_commits = data.issue(app, now), data.commit_bare(database)
    rolled, scanned = data.roll_up_all(app, now)
    tallied, live = data.count_scores(app, now.date())
    return [
        _measure("import, with its plans", imported, "rows/s", "driver's executemany", bare_rows),
        _measure("issue, a commit each", issued, "mails/s", "driver's small commit", bare_commits),
        _measure("roll up two years", 1000 * rolled, "ms", "one scan of the answers",
                 1000 * scanned),
        _measure("channels by month, tallies", 1000 * tallied, "ms", "live scan", 1000 * live),
    ]  # fmt: skip


def _measure(name: str, value: float, unit: str, limit: str, limit_value: float) -> Measure:
    ratio = value / limit_value if limit_value else float("nan")
    return Measure(name, round(value, 2), unit, limit, round(limit_value, 2), round(ratio, 4))


def show(found: list[Measure]) -> None:
    """Print the table."""
    print(f"{'':<30}{'measured':>12} {'':<8}{'limit':>12}  {'ratio':>8}  limit is")
    for one in found:
        print(
            f"{one.name:<30}{one.value:>12,.1f} {one.unit:<8}{one.limit_value:>12,.1f}"
            f"  {one.ratio:>8.3g}  {one.limit}"
        )


def main() -> None:
    """Measure everything once, print it and keep it."""
    now = datetime.now(UTC)
    with tempfile.TemporaryDirectory(prefix="afterword-bench-") as name:
        folder = Path(name)
        app = create_app({"INSTANCE_PATH": name, "WORKER": "off"})
        with app.app_context():
            bring_up_to_date()
            fill()
        found = pages(folder, app) + data_work(folder, app, now)
        with app.app_context():
            db.engine.dispose()
    show(found)
    result = {
        "at": now.isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "measures": [asdict(one) for one in found],
    }
    kept = Path(__file__).parent / "results.json"
    kept.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(f"Kept in {kept.relative_to(ROOT)}")


if __name__ == "__main__":
    main()

"""Whether time tells who signs in here: `python bench/timing.py [TRIES]`.

Known and unknown addresses are tried in turns. What is told is the AUC: the share of all pairs of a
known and an unknown one of which the known took longer, so 0.5 where time tells nothing. No wall
clock of this machine comes into it but as a rank.
"""

import re
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

import sqlalchemy as sa
from flask.testing import FlaskClient
from flask_migrate import upgrade

from feedback import clock, create_app
from feedback.accounts import people
from feedback.accounts.models import Attempt, ResetRequest
from feedback.accounts.passwords import hash_password
from feedback.database import db

TRIES = 300


def auc(known: list[float], unknown: list[float]) -> float:
    """Return the share of pairs of which the known one is the larger, ties counting half."""
    one, other = np.array(known)[:, None], np.array(unknown)[None, :]
    return float(((one > other) + 0.5 * (one == other)).mean())


def measure(send: Callable[[str], object], forget: Callable[[], None], tries: int) -> float:
    """Return the AUC of an action over as many addresses of each kind, by turns at random."""
    order = np.random.default_rng(1).permutation([True, False] * tries)
    taken: dict[bool, list[float]] = {True: [], False: []}
    for number, is_known in enumerate(order):
        # Each address is new to the limits, which answer before anything is compared.
        address = f"{'known' if is_known else 'other'}{number % tries}@example.cn"
        forget()
        begun = time.perf_counter()
        send(address)
        taken[bool(is_known)].append(time.perf_counter() - begun)
    return auc(taken[True], taken[False])


def main() -> None:
    """Print both figures."""
    tries = int(sys.argv[1]) if len(sys.argv) > 1 else TRIES
    with tempfile.TemporaryDirectory() as folder:
        app = create_app({"INSTANCE_PATH": folder, "WORKER": "off", "WTF_CSRF_ENABLED": False})
        with app.app_context():
            upgrade()
            digest = hash_password("a long walk home")
            for number in range(tries):
                email = f"known{number}@example.cn"
                people.add_person(
                    db.session(), email, role="staff", now=clock.now()
                ).password_hash = digest
            db.session.commit()
        client = app.test_client()

        def forget() -> None:
            with app.app_context():
                for table in (Attempt, ResetRequest):
                    db.session.execute(sa.delete(table))
                db.session.commit()

        # The first argument of nobody's digest is made once.
        _sign_in(client, "warm@example.cn")
        for name, send in (("signing in", _sign_in), ("asking for a link", _forgotten)):
            found = measure(lambda address, send=send: send(client, address), forget, tries)
            print(f"{name:18s} n = {tries} + {tries}, seed 1: AUC {found:.3f}")


def _sign_in(client: FlaskClient, address: str) -> None:
    answer = client.post("/sign-in", data={"email": address, "password": "not this one"})
    assert answer.status_code == 422, re.sub(r"<[^>]+>", "", answer.text)


def _forgotten(client: FlaskClient, address: str) -> None:
    assert client.post("/forgotten", data={"email": address}).status_code == 303


if __name__ == "__main__":
    main()

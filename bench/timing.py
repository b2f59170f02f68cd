"""Whether time tells what there is here: `python bench/timing.py [TRIES]`.

Known and unknown addresses, keys and links are tried in turns, all of them wrong in the end. What
is told is the AUC: the share of all pairs of a known and an unknown one of which the known took
longer, so 0.5 where time tells nothing. No wall clock of this machine comes into it but as a rank.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from flask.testing import FlaskClient
from flask_migrate import upgrade

from feedback import clock, create_app
from feedback.accounts import people
from feedback.accounts.keys import make_key
from feedback.accounts.passwords import hash_password
from feedback.database import db
from feedback.links import survey_token

TRIES = 300


def auc(known: list[float], unknown: list[float]) -> float:
    """Return the share of pairs of which the known one is the larger, ties counting half."""
    one, other = np.array(known)[:, None], np.array(unknown)[None, :]
    return float(((one > other) + 0.5 * (one == other)).mean())


def measure(send: Callable[[str, str], object], tries: int) -> float:
    """Return the AUC of an action over as many addresses of each kind, by turns at random."""
    kinds = np.random.default_rng(1).permutation([True, False] * tries)
    taken: dict[bool, list[float]] = {True: [], False: []}
    for number, is_known in enumerate(map(bool, kinds)):
        # Account and network are new to the limits, which answer before anything is compared.
        address = f"{'known' if is_known else 'other'}{len(taken[is_known])}@example.cn"
        network = f"10.{number // 256}.{number % 256}.1"
        begun = time.perf_counter()
        send(address, network)
        taken[is_known].append(time.perf_counter() - begun)
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
                make_key(db.session(), f"key {number}", ["scores:read"], clock.now())
            db.session.commit()
        with app.test_request_context():
            # The first half of a link says which invitation is meant; the other half proves it.
            links = [survey_token(number).split(".")[0] for number in range(1, 2 * tries + 2)]
        client = app.test_client()

        # What is made once, such as nobody's digest, is made beforehand.
        _sign_in(client, "warm@example.cn", "192.0.2.1")
        _forgotten(client, "warm@example.cn", "192.0.2.1")
        _use_key(client, "known0@example.cn", "192.0.2.1")
        actions: dict[str, Callable[[str, str], object]] = {
            "signing in": partial(_sign_in, client),
            "asking for a link": partial(_forgotten, client),
            "a program's key": partial(_use_key, client),
            "a guessed link": partial(_guess, client, links),
        }
        for name, action in actions.items():
            found = measure(action, tries)
            print(f"{name:18s} n = {tries} + {tries}, seed 1: AUC {found:.3f}", flush=True)


def _sign_in(client: FlaskClient, address: str, network: str) -> None:
    form = {"email": address, "password": "not this one"}
    answer = client.post("/sign-in", data=form, environ_overrides={"REMOTE_ADDR": network})
    assert answer.status_code == 422


def _forgotten(client: FlaskClient, address: str, network: str) -> None:
    form = {"email": address}
    answer = client.post("/forgotten", data=form, environ_overrides={"REMOTE_ADDR": network})
    assert answer.status_code == 303


def _number(address: str) -> int:
    return int(address.partition("@")[0][len("known") :])


def _use_key(client: FlaskClient, address: str, network: str) -> None:
    """Use a key that is there, or none's, with another's secret."""
    number = _number(address) + 1 + (0 if address.startswith("known") else 10**6)
    headers = {"Authorization": f"Bearer afk_{number}_{'x' * 43}"}
    where = {"REMOTE_ADDR": network}
    answer = client.get("/api/v1/scores", headers=headers, environ_overrides=where)
    assert answer.status_code == 401


def _guess(client: FlaskClient, links: list[str], address: str, network: str) -> None:
    """Guess the proof of a link that begins like a real one, or of one that begins like none."""
    number = _number(address)
    begin = links[number] if address.startswith("known") else links[number][::-1]
    where = {"REMOTE_ADDR": network}
    answer = client.get(f"/s/{begin}.{'x' * 43}", environ_overrides=where)
    assert answer.status_code == 404


if __name__ == "__main__":
    main()

"""Six kinds of mail scanners on many mails, and the people afterwards."""

import random
import threading
from collections.abc import Sequence
from datetime import timedelta

from playwright.sync_api import sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from bench.attacks.house import House, house
from tests.conftest import CHROMIUM, FLAGS
from tests.security.zoo import KINDS, Letter, Person, look, post_mails, scan

BROWSER = "browser with scripts"


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *arguments: object) -> None:
        """Say nothing."""


def _browse(attacked: House, letters: Sequence[Letter]) -> None:
    """Open every link in Chromium, with its scripts, and wait until nothing is loading."""
    server = make_server("127.0.0.1", 0, attacked.app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
            for letter in letters:
                page = chromium.new_context().new_page()
                for path in letter.paths:
                    page.goto(f"http://127.0.0.1:{server.server_port}{path}")
                    attacked.hands.forward(seconds=1)
                page.context.close()
            chromium.close()
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def run(database: str, mails: int, seed: int) -> bool:
    """Print what each kind leaves; tell whether that is nothing."""
    print(f"mail scanners: database={database} mails={mails} per kind, seed={seed}")
    held_well, asked_again = True, 0
    for kind in (*KINDS, BROWSER):
        with house(database) as attacked:
            letters = post_mails(attacked.app, attacked.session, attacked.hands, mails)
            links = sum(len(letter.paths) for letter in letters)
            if kind == BROWSER:
                _browse(attacked, letters)
            else:
                scan(attacked.app, letters, kind, attacked.hands)
            found = look(attacked.app)
            attacked.hands.now += timedelta(minutes=5)
            person = Person(random.Random(f"{seed} {kind}"))
            for letter in letters:
                person.answer(attacked.app, letter, attacked.hands)
            after = look(attacked.app).counted
        print(
            f"  {kind:20s} links={links} counted={found.counted} used_up={found.used_up}"
            f" stopped={found.stopped} held={found.held} | people after: counted={after}/{mails}"
            f" asked_again={person.asked_again}",
            flush=True,
        )
        nothing = found.counted == found.used_up == found.stopped == 0
        held_well &= nothing and after >= 0.995 * mails
        asked_again += person.asked_again
    people = mails * (len(KINDS) + 1)
    print(f"  hasty people asked once more: {asked_again} of {people}")
    return held_well and asked_again <= 0.01 * people

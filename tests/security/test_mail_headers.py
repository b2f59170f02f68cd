"""Whatever strangers call themselves: a mail has our headers, one recipient, and whole lines.

The long run, of 20,000 mails, is `python -m bench.attacks headers`.
"""

import random

import pytest
from flask import Flask

from feedback.outbox import mime, self_test
from tests.security.mails import one_mail

MAILS = 1500


@pytest.fixture(scope="module")
def app() -> Flask:
    """Flask-Mail asks the application for its defaults; nothing else is needed here."""
    app = Flask(__name__)
    app.extensions["mail"] = type("Settings", (), {"default_sender": None})()
    return app


def found(app: Flask, seed: int) -> tuple[list[str], int]:
    dice, wrong, refused = random.Random(seed), [], 0  # noqa: S311
    with app.app_context():
        for _ in range(MAILS):
            said, was_refused = one_mail(dice)
            wrong += said
            refused += was_refused
    return wrong, refused


def test_no_name_no_subject_and_no_address_adds_anything(app: Flask) -> None:
    wrong, refused = found(app, 1)
    assert wrong == []
    # Half of the addresses are none, and nobody writes to those.
    assert MAILS * 0.2 < refused < MAILS * 0.6


def test_the_look_bites_where_words_go_into_headers_as_they_are(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted hole: headers take words as they come."""
    monkeypatch.setattr(mime, "header_text", lambda text: text.replace("\r", "").replace("\n", " "))
    wrong, _ = found(app, 1)
    assert any("says" in one for one in wrong)


def test_an_interpreter_that_lets_words_become_headers_is_refused(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        self_test.prove_headers_hold()
    whole = mime.Outgoing.as_bytes
    monkeypatch.setattr(
        self_test.Outgoing,
        "as_bytes",
        lambda mail: whole(mail).replace(b"\r\nDate:", b"\r\nBcc: evil@ex.test\r\nDate:"),
    )
    with app.app_context(), pytest.raises(self_test.UnsafeInterpreter, match="Bcc"):
        self_test.prove_headers_hold()

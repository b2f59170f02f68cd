"""A whole life at the most talkative level leaves no key, password, name, address or word in it."""

import io
import json
import logging
import sys
import threading
from collections.abc import Callable, Iterator
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from feedback import links, logs, work
from feedback.accounts.keys import make_key
from feedback.accounts.models import User
from feedback.database import db
from feedback.invitations.models import Invitation
from feedback.responses.models import Answer
from tests.conftest import Time
from tests.integrations.conftest import Program, a_report
from tests.outbox.post_office import PostOffice
from tests.responses.stories import hidden

NAME, ADDRESS, SUBJECT = "王伟强", "weiqiang.wang@example.cn", "Kontoauszug fehlt seit Mai"
COMMENT, PASSWORD = "Zumutung sondergleichen 太离谱了", "correct-horse-battery"


@pytest.fixture(params=["json", "text"])
def log(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, session: Session
) -> Iterator[tuple[str, io.StringIO]]:
    """Everything that is written once the database is there, as a process of its own would."""
    stream, root = io.StringIO(), logging.getLogger()
    others, level = list(root.handlers), root.level
    hooks = sys.excepthook, threading.excepthook
    monkeypatch.setattr(sys, "stderr", stream)
    root.handlers.clear()
    logs.install_logs(request.param)
    root.setLevel(logging.DEBUG)
    logging.getLogger("feedback").setLevel(logging.DEBUG)
    # The test's own mail server is no part of the site.
    monkeypatch.setattr(logging.getLogger("mail.log"), "disabled", True)
    yield request.param, stream
    logging.captureWarnings(False)
    root.handlers[:] = others
    root.setLevel(level)
    logging.getLogger("feedback").setLevel(logging.INFO)
    logs.OneLine.form = logs.AUTO
    sys.excepthook, threading.excepthook = hooks


def test_nobodys_words_keys_or_names_are_in_the_log(
    log: tuple[str, io.StringIO], make_app: Callable[..., Flask], session: Session, time: Time
) -> None:
    form, stream = log
    with PostOffice() as office:
        app = make_app(
            LOG_FORMAT=form, **office.settings, MAIL_USERNAME="afterword", MAIL_PASSWORD=PASSWORD
        )
        # Those who fail do so in the page, not in the test.
        app.config["PROPAGATE_EXCEPTIONS"] = False
        key = make_key(session, "crm", ("interactions:write",), time.now)
        session.commit()
        crm = Program(app, key)
        person = {"external_id": "c-1", "name": NAME, "email": ADDRESS}
        body = a_report(customer=person, subject=SUBJECT)
        assert crm.report(body | {"closed_at": "nonsense " + COMMENT}).status_code == 422
        assert crm.report(body).status_code == 201
        # A sign-in that does not work, a refusal that quotes all it was given, and then the mail.
        time.forward(minutes=5)
        work.one_round(app, now=time.now, worker="one")
        app.config["MAIL_USERNAME"] = ""
        app.extensions["mail"].username = None
        app.extensions.pop("mail_pace")
        office.script["RCPT"].append(f"451 4.2.0 <{ADDRESS}> said {SUBJECT}")
        for _round in range(3):
            time.forward(minutes=6)
            work.one_round(app, now=time.now, worker="one")
        assert len(office.taken) == 1
        issued = Invitation.issued_at.is_not(None)
        number = session.scalars(sa.select(Invitation.id).where(issued)).one()
        session.rollback()
    with app.test_request_context():
        token = links.survey_token(number)
    client = app.test_client()
    page = client.get(f"/s/{token}?csat=4", headers={"Referer": f"https://x.cn/s/{token}"})
    client.post(f"/s/{token}", data={"csat": "99", "comment": COMMENT})
    sent = hidden(page.text) | {"csat": "4", "comment": COMMENT}
    assert client.post(f"/s/{token}", data=sent).status_code == 303
    forged = {"User-Agent": f"{token} \x1b[31m", "X-Request-Id": token}
    client.get(f"/s/{token}x?token={token}", headers=forged)
    client.get("/s/" + quote(f"{token}\r\n2026 ERROR forged"), headers=forged)
    for password in ("not-" + PASSWORD, PASSWORD):
        client.post("/sign-in", data={"email": ADDRESS, "password": password})
    fail(app, token, time)
    written = stream.getvalue()
    own = [line for line in written.splitlines() if "Nobody caught" in line or "went wrong" in line]
    assert len(own) >= 4
    secrets = (token, token.rpartition(".")[2], key, PASSWORD, NAME, ADDRESS, "weiqiang", SUBJECT)
    found = [
        secret
        for secret in (*secrets, COMMENT, "Zumutung", "太离谱", "forged")
        if secret in written
    ]
    assert found == []
    assert "\x1b" not in written
    assert "Traceback" not in written
    if form == "json":
        assert all(json.loads(line)["time"] for line in written.splitlines())
    else:
        assert not [line for line in written.splitlines() if not line.startswith("20")]


def fail(app: Flask, token: str, time: Time) -> None:
    """Fail in every way that leads past the pages: in the database, in a thread, in a command."""
    log = logging.getLogger("feedback.work")
    bad_rows = [
        sa.insert(Answer).values(response_id=999_999, question_key="comment", comment=COMMENT),
        sa.insert(User).values(email=ADDRESS, name=NAME, role=COMMENT, created_at=time.now),
        sa.text(f"SELECT no_such_column FROM message -- {token}"),
    ]
    with app.app_context():
        for statement in bad_rows:
            try:
                with db.engine.begin() as connection:
                    connection.execute(statement)
            except sa.exc.DBAPIError:
                log.exception("Something went wrong")

    def die() -> None:
        try:
            int(COMMENT)
        except ValueError:
            raise KeyError(ADDRESS) from LookupError(NAME, token)

    thread = threading.Thread(target=die)
    thread.start()
    thread.join()
    try:
        raise ValueError(f"{PASSWORD!r} is no password for {ADDRESS}, said {NAME!r}")
    except ValueError as error:
        sys.excepthook(type(error), error, error.__traceback__)

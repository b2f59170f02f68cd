"""What logs may not hold, and that they hold one line per event."""

import io
import json
import logging
import re
import socket
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from feedback import links, logs
from feedback.accounts import people
from feedback.logs import OneLine, fingerprint, near, request_facts, scrub, shown_path, told
from tests.factories import make_user
from tests.sites import served

TOKEN = "MTIz.mLw2oBD1kX4vRrr1v7lYxGh2hkvz5ZJ8Yp3tQdW0n_s"


@pytest.mark.parametrize(
    "path",
    [
        f"/s/{TOKEN}", f"/s/{TOKEN}/thanks", f"//s//{TOKEN}", f"/S/{TOKEN}", f"/password/{TOKEN}",
        f"/p/{TOKEN}", f"/p/{TOKEN}/key", f"/my/{TOKEN}/export.json",
        f"/somewhere/else/{TOKEN}", f"/{TOKEN}",
    ],
)  # fmt: skip
def test_a_token_in_a_path_is_its_fingerprint(path: str) -> None:
    assert TOKEN not in shown_path(path)
    assert fingerprint(TOKEN) in shown_path(path)
    assert re.fullmatch(r"#[0-9a-f]{8}", fingerprint(TOKEN))


def test_a_short_forged_token_is_none_of_the_logs_business_either() -> None:
    for where in ("s", "p", "my"):
        assert shown_path(f"/{where}/abc") == f"/{where}/{fingerprint('abc')}"


@pytest.mark.parametrize(
    "path", ["/", "/reports", "/static/some-long-name-of-a-file.css", "/admin/people/12/leave"]
)
def test_other_paths_stay_as_they_are(path: str) -> None:
    assert shown_path(path) == path


@pytest.mark.parametrize(
    ("sentence", "secret"),
    [
        (f"Error handling request GET /s/{TOKEN}?csat=4", TOKEN),
        ("Error handling request /s/abcdef?csat=4", "csat=4"),
        ("Error handling request /my/abcdef/erase", "abcdef"),
        (f"the link {TOKEN} has ended", TOKEN),
        ("Invalid Request Line 'GET /password/abcdef FOO'", "abcdef"),
        ("550 5.1.1 <wang.wei@example.cn>: no such user", "wang.wei"),
        ("key afk_12_Vb3-something_secret was refused", "something_secret"),
        ("https://fb.example.cn/set-up?code=n7zMvZoB", "n7zMvZoB"),
    ],
)
def test_a_sentence_loses_its_secrets(sentence: str, secret: str) -> None:
    assert secret not in scrub(sentence)


def test_nothing_can_start_a_line_or_steer_a_terminal() -> None:
    evil = "one\r\ntwo\x1b[31m\x9b\u2028\u202e\x00\ud800"
    line = scrub(evil)
    assert len(line.splitlines()) == 1
    assert line.isprintable()
    line.encode("utf-8")


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("203.0.113.77", "203.0.113.0"), ("2001:db8:1:2:3::4", "2001:db8:1::"),
        ("127.0.0.1", "127.0.0.1"), ("::1", "::1"), ("", ""), ("nonsense\r\n", ""),
    ],
)  # fmt: skip
def test_an_address_shows_its_network_only(address: str, shown: str) -> None:
    assert near(address) == shown


def failure() -> BaseException:
    try:
        try:
            int("王伟 said: terrible, call 139 0000 0000")
        except ValueError as error:
            raise OSError(f"cannot write to wang@example.cn about /s/{TOKEN}") from error
    except OSError as error:
        return error


def test_an_exception_tells_what_and_where_but_not_the_words() -> None:
    line = told(failure())
    assert "OSError: cannot write to (address)" in line
    assert "because of ValueError: invalid literal for int() with base 10: '…'" in line
    assert "test_logs.py:" in line
    assert TOKEN not in line
    assert "\n" not in line


def test_a_refusal_of_the_database_does_not_quote_the_row(app: Flask, session: Session) -> None:
    make_user(session, email="somebody@example.cn")
    session.commit()
    with pytest.raises(sa.exc.IntegrityError) as refused:
        make_user(session, email="somebody@example.cn", name="很私密的名字")
    assert "IntegrityError" in told(refused.value)
    for private in ("somebody@", "很私密的名字"):
        assert private not in told(refused.value)
        assert private not in str(refused.value).split("DETAIL")[0]


def written(stream: io.StringIO, message: str, *args: object, **more: object) -> str:
    handler = logging.StreamHandler(stream)
    handler.setFormatter(OneLine(stream))
    record = logging.LogRecord("feedback.test", logging.WARNING, "", 0, message, args, None)
    vars(record).update(more)
    handler.handle(record)
    return stream.getvalue()


def test_a_line_is_json_for_programs() -> None:
    error = failure()
    line = written(
        io.StringIO(), "Message %s: %s", 7, "550\r\nno <a@b.cn>",
        exc_info=(type(error), error, error.__traceback__), facts={"status": 200},
    )  # fmt: skip
    assert line.count("\n") == 1
    event = json.loads(line)
    assert event["message"] == r"Message 7: 550\r\nno <(address)>"
    assert (event["level"], event["logger"], event["status"]) == ("warning", "feedback.test", 200)
    assert event["error"].startswith("OSError")
    assert datetime.fromisoformat(event["time"]).tzinfo == UTC


def test_a_line_is_plain_for_a_person_at_a_terminal() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    line = written(Terminal(), "no mail server", facts={"path": "/me"})
    assert line.endswith("WARNING no mail server path=/me\n")


def test_a_request_is_told_without_its_query_and_its_sender() -> None:
    environ = {
        "REQUEST_METHOD": "GET", "PATH_INFO": f"/s/{TOKEN}", "QUERY_STRING": "csat=4",
        "REMOTE_ADDR": "198.51.100.9", "HTTP_USER_AGENT": "x\nforged", "HTTP_REFERER": TOKEN,
    }  # fmt: skip
    facts = request_facts(environ, uri="", status=200, size=10, seconds=0.0123)
    assert facts == {
        "method": "GET", "path": f"/s/{fingerprint(TOKEN)}", "status": 200, "bytes": 10, "ms": 12.3,
        "from": "198.51.100.0",
    }  # fmt: skip


@pytest.mark.parametrize(("form", "is_json"), [("json", True), ("text", False), ("auto", True)])
def test_a_form_that_is_set_goes_before_where_the_line_goes(
    monkeypatch: pytest.MonkeyPatch, form: str, is_json: bool
) -> None:
    monkeypatch.setattr(OneLine, "form", form)
    line = written(io.StringIO(), "no mail server")
    assert line.startswith("{") == is_json
    assert len(line.splitlines()) == 1
    monkeypatch.setattr(OneLine, "form", "json")

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    assert json.loads(written(Terminal(), "no mail server"))["message"] == "no mail server"


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        (ValueError("invalid literal: 'Terrible'"), "invalid literal: '…'"),
        (KeyError("WangWei"), "KeyError: '…'"),
        (AttributeError("no attribute 'sent_at'"), "'sent_at'"),
        (FileNotFoundError(2, "No such file", "/srv/afterword/x"), "'/srv/afterword/x'"),
    ],
)
def test_only_what_is_code_is_quoted(error: BaseException, shown: str) -> None:
    assert shown in told(error)


def test_somebody_elses_logging_is_left_alone() -> None:
    before = list(logging.getLogger().handlers)
    logs.install_logs()
    assert logging.getLogger().handlers == before


@pytest.mark.parametrize("form", ["json", "text"])
def test_a_running_site_writes_no_token_anywhere_in_its_log(
    app: Flask, session: Session, database_url: str, tmp_path: Path, form: str
) -> None:
    user = make_user(session, "staff")
    session.commit()
    with app.test_request_context():
        tokens = [links.survey_token(4711), people.password_link_token(user)]
    instance = tmp_path / "instance"
    settings = {"DATABASE_URL": database_url, "SECRET_KEY": app.config["SECRET_KEY"]}
    with served(instance, LOG_FORMAT=form, **settings) as site:
        for address in (
            f"/s/{tokens[0]}?csat=4", f"/s/{tokens[0]}/stop", f"//s/{tokens[0]}",
            f"/%73/{tokens[0]}", f"/password/{tokens[1]}?x={tokens[0]}", f"/nowhere/{tokens[0]}",
            f"/sign-in?next=/s/{tokens[0]}",
        ):  # fmt: skip
            site.get(address, Referer=f"https://x.cn/s/{tokens[0]}", **{"User-Agent": tokens[0]})
        with socket.create_connection(("127.0.0.1", int(site.url.rpartition(":")[2]))) as raw:
            raw.sendall(f"GET /s/{tokens[0]} is no request\r\n\r\n".encode())
            raw.recv(1000)
        site.wait_for(lambda: "Invalid" in site.output())
        site.stop()
        output = site.output()
    signed = [token.rpartition(".")[2] for token in tokens]
    assert not [part for part in (*tokens, *signed) if part in output]
    assert "csat=4" not in output
    assert fingerprint(tokens[0]) in output
    # Gunicorn's own lines are among them; before them the site says where it is.
    events = output[output.index("Starting gunicorn") :].splitlines()[1:]
    assert len(events) >= 8
    for event in events:
        assert (
            json.loads(event)["time"] if form == "json" else re.match(r"20\d\d-.*Z [A-Z]+ ", event)
        )


def test_a_failing_page_is_one_line_in_the_log(tmp_path: Path, sqlite_template: Path) -> None:
    instance = tmp_path / "instance"
    instance.mkdir()
    (instance / "feedback.sqlite").write_bytes(sqlite_template.read_bytes())
    with served(instance) as site:
        with sqlite3.connect(instance / "feedback.sqlite") as database:
            database.execute("ALTER TABLE user_account RENAME TO hidden")
        database.close()
        assert site.get("/sign-in?next=/s/secret-token")[0] >= 500
        line = site.wait_for(
            lambda: [line for line in site.output().splitlines() if '"error"' in line]
        )[0]
        assert "no such table" in json.loads(line)["error"]
        assert "secret-token" not in site.output()
        assert "Traceback" not in site.output()

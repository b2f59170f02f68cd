"""Who has waited too long is turned away, with when to come back and with what they had typed."""

import json
import socket
import struct
import sys
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse, create_environ

from feedback.shedding import TURNED_AWAY, at_the_door, is_last, is_too_late, waited

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux says how long")


class Line:
    """A connection on which what came last came so many milliseconds ago."""

    def __init__(self, milliseconds: int) -> None:
        self.told = struct.pack("=52xI", milliseconds)

    def getsockopt(self, level: int, name: int, size: int) -> bytes:
        return self.told[:size]


class Mute:
    """A connection the kernel tells nothing about, such as one that is no TCP."""

    def getsockopt(self, level: int, name: int, size: int) -> bytes:
        raise OSError(95, "Operation not supported")


LATE, EARLY = Line(60_000), Line(10)


def ask(client: FlaskClient, path: str, line: object = LATE, **more: object) -> TestResponse:
    """Ask as somebody who has waited."""
    method = str(more.pop("method", "GET"))
    return client.open(path, method=method, environ_overrides={"gunicorn.socket": line}, **more)


@pytest.mark.parametrize(
    ("method", "path", "seconds", "is_shed"),
    [
        ("GET", "/s/token", 1.9, False),
        ("GET", "/s/token", 2.1, True),
        ("GET", "/reports", 2.1, True),
        ("POST", "/sign-in", 2.1, True),
        ("POST", "/s/token", 2.1, False),
        ("POST", "/s/token", 3.1, True),
        ("POST", "/p/token", 2.1, False),
        ("POST", "/api/v1/interactions", 2.1, False),
        ("GET", "/api/v1/responses", 2.1, True),
        ("GET", "/static/style.css", 2.1, False),
        ("GET", "/static/style.css", 3.1, True),
        ("GET", "/healthz", 600, False),
        ("GET", "/readyz", 600, False),
        ("GET", "/metrics", 600, False),
    ],
)
def test_pages_are_turned_away_before_answers_and_probes_never(
    method: str, path: str, seconds: float, is_shed: bool
) -> None:
    assert is_too_late(method, path, seconds, 0.0) is is_shed


@pytest.mark.parametrize(("share", "page", "answer"), [(0.4, 0, 0), (0.6, 1, 0), (0.8, 1, 1)])
def test_where_the_door_fills_nobody_is_left_to_stand_there(
    share: float, page: int, answer: int
) -> None:
    assert is_too_late("GET", "/s/token", 0.0, share) == page
    assert is_too_late("POST", "/s/token", 0.0, share) == answer
    assert is_last("POST", "/s/token")
    assert not is_too_late("GET", "/healthz", 0.0, share)


def test_a_line_the_kernel_tells_nothing_about_has_not_waited() -> None:
    assert waited(LATE) == 60
    assert waited(Mute()) == 0
    assert at_the_door([Mute()]) == at_the_door([]) == 0


@pytest.fixture
def door() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0), backlog=10) as listener:
        yield listener


@on_linux
def test_the_kernel_knows_how_many_stand_at_the_door(door: socket.socket) -> None:
    assert at_the_door([door]) == 0
    standing = [socket.create_connection(door.getsockname()) for _each in range(5)]
    assert at_the_door([door]) == 0.5
    for line in standing:
        line.close()


@on_linux
def test_the_kernel_knows_when_the_last_data_came(door: socket.socket) -> None:
    with socket.create_connection(door.getsockname()) as client:
        client.sendall(b"GET")
        line, _address = door.accept()
        with line:
            line.recv(3)
            assert 0 <= waited(line) < 600


def test_who_comes_in_time_notices_nothing(client: FlaskClient) -> None:
    assert ask(client, "/sign-in", EARLY).status_code == client.get("/sign-in").status_code
    assert ask(client, "/healthz", LATE).status_code == 200


def test_whoever_is_turned_away_is_told_when_to_come_back_in_their_language(
    client: FlaskClient,
) -> None:
    for path in ("/", "/reports", "/s/whatever", "/brand/x"):
        english = ask(client, path, headers={"Accept-Language": "en-GB"})
        chinese = ask(client, path, headers={"Accept-Language": "zh-CN"})
        assert english.status_code == chinese.status_code == 503
        assert "Very many people are here just now" in english.text
        assert "现在访问的人很多" in chinese.text
    german = ask(client, "/s/whatever", headers={"Accept-Language": "de"})
    assert "Gerade sind sehr viele Menschen hier" in german.text


def test_not_all_are_to_come_back_at_the_same_moment(client: FlaskClient) -> None:
    seconds = {ask(client, "/").headers["Retry-After"] for _each in range(21)}
    assert seconds == {str(number) for number in range(20, 41)}


def test_a_program_gets_a_problem(client: FlaskClient) -> None:
    response = ask(client, "/api/v1/scores", headers={"Accept-Language": "en"})
    assert response.mimetype == "application/problem+json"
    assert json.loads(response.data)["status"] == response.status_code == 503
    assert response.headers["Retry-After"].isdigit()


def test_an_answer_turned_away_comes_back_whole_and_harmless(client: FlaskClient) -> None:
    words = "慢 <script>alert(1)</script>\n\"'&\n🙂"
    sent = {"nonce": "abc.DEF-1", "csat": "5", "comment": words, "a<b": ""}
    response = ask(client, "/s/token", method="POST", data=sent, headers={"Accept-Language": "en"})
    assert response.status_code == 503
    assert response.headers["Retry-After"].isdigit()
    assert response.content_length == len(response.data)
    assert '<input type="hidden" name="nonce" value="abc.DEF-1">' in response.text
    assert '<input type="hidden" name="csat" value="5">' in response.text
    assert '<input type="hidden" name="a&lt;b" value="">' in response.text
    assert (
        "\n慢 &lt;script&gt;alert(1)&lt;/script&gt;\n&quot;&#x27;&amp;\n🙂</textarea>"
        in response.text
    )
    assert "press Send once more in half a minute" in response.text
    assert "form-action 'self'" in response.headers["Content-Security-Policy"]
    # The next one gets their own words and nobody else's.
    other = ask(client, "/s/token", method="POST", data={"comment": "another's"})
    assert "another&#x27;s" in other.text
    assert "script" not in other.text


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff\xfe=%00", b"&".join(b"a=1" for _each in range(500)), b"comment=" + b"x" * 70_000],
)
def test_what_is_no_answer_is_turned_away_all_the_same(client: FlaskClient, body: bytes) -> None:
    form = "application/x-www-form-urlencoded"
    response = ask(client, "/s/token", method="POST", data=body, content_type=form)
    assert response.status_code == 503
    assert response.headers["Retry-After"].isdigit()


def test_head_gets_the_headers_alone(client: FlaskClient) -> None:
    response = ask(client, "/", method="HEAD")
    assert response.status_code == 503
    assert response.data == b""


def test_the_page_carries_what_every_page_carries(client: FlaskClient) -> None:
    theirs = client.get("/no-such-page").headers
    for path in ("/", "/s/token", "/api/v1/scores"):
        ours = ask(client, path).headers
        for name in ("X-Content-Type-Options", "Referrer-Policy", "X-Robots-Tag", "Cache-Control"):
            assert ours[name] == theirs[name]
        assert "nonce-" not in ours["Content-Security-Policy"]
        assert "Set-Cookie" not in ours


def test_nothing_of_who_asked_first_is_shown_to_the_next(app: Flask) -> None:
    client = app.test_client()
    first = ask(client, "/s/secret-of-the-first?lang=en", headers={"Cookie": "a=b"})
    assert "secret-of-the-first" not in first.text
    assert first.data == ask(client, "/s/other").data


def test_the_server_is_told_that_nothing_was_done(app: Flask) -> None:
    environ = create_environ("/", environ_overrides={"gunicorn.socket": LATE})
    list(app.wsgi_app(environ, lambda status, headers: None))
    assert TURNED_AWAY in environ

"""Requests two servers in a row would cut apart at different places are refused.

A proxy in front and gunicorn behind must agree where a request ends. Where they do not, the rest of
one customer's request becomes the beginning of another's (AB36).
"""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sites import Site, served

ASK = b"POST /s/x HTTP/1.1\r\nHost: 127.0.0.1\r\n"
# Ends the first request for whoever reads it one way, and is a second one for the other.
REST = b"0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"

AMBIGUOUS = {
    "two lengths": b"Content-Length: 5\r\nContent-Length: 6\r\n",
    "one length twice": b"Content-Length: 5\r\nContent-Length: 5\r\n",
    "a list of lengths": b"Content-Length: 5, 5\r\n",
    "a length with a sign": b"Content-Length: +5\r\n",
    "a length below nothing": b"Content-Length: -5\r\n",
    "a length in hexadecimal": b"Content-Length: 0x5\r\n",
    "a length with an underscore": b"Content-Length: 1_0\r\n",
    "a length in other digits": "Content-Length: ٥\r\n".encode(),
    "a length and chunks": b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
    "chunks and a length": b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
    "an unknown coding": b"Transfer-Encoding: xchunked\r\n",
    "chunks that are not last": b"Transfer-Encoding: chunked, identity\r\n",
    "two codings": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
    "a space before the colon": b"Transfer-Encoding : chunked\r\nContent-Length: 5\r\n",
    "a vertical tab": b"Transfer-Encoding: \x0bchunked\r\nContent-Length: 5\r\n",
    "a folded line": b"Transfer-Encoding:\r\n chunked\r\nContent-Length: 5\r\n",
    "a carriage return in a value": b"X-A: a\rTransfer-Encoding: chunked\r\n",
    "a NUL in a value": b"X-A: a\x00Content-Length: 5\r\n",
    "a space in a name": b"X A: b\r\n",
    "a line without a colon": b"Content-Length 5\r\n",
    "two hosts": b"Host: elsewhere.example\r\n",
}
CHUNKS = {
    "a size with a sign": b"+3\r\nabc\r\n",
    "a size with 0x": b"0x3\r\nabc\r\n",
    "a size below nothing": b"-3\r\nabc\r\n",
    "a chunk longer than it says": b"3\r\nabcXX",
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder: Path = tmp_path_factory.mktemp("framing") / "instance"
    with served(folder) as site:
        site.wait_until_ready()
        yield site


def answers(site: Site, request: bytes) -> list[int]:
    """Return the statuses of all that comes back before the line is closed."""
    host, _colon, port = site.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=20) as line:
        line.sendall(request)
        # Nothing more comes from us, so a server that waits for the rest need not.
        line.shutdown(socket.SHUT_WR)
        came = b"".join(iter(lambda: line.recv(65536), b""))
    return [int(part[2:5]) for part in came.split(b"HTTP/1.")[1:]]


def test_an_honest_request_is_answered(site: Site) -> None:
    assert answers(site, ASK + b"Content-Length: 5\r\n\r\nabcde") == [404]
    assert answers(site, ASK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n") == [404]
    two = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    assert answers(site, two + two) == [200, 200]


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_a_request_with_two_possible_ends_is_refused(site: Site, name: str) -> None:
    (status,) = answers(site, ASK + AMBIGUOUS[name] + b"\r\n" + REST)
    assert status in (400, 501)


def test_chunks_are_refused_from_those_who_cannot_know_them(site: Site) -> None:
    old = ASK.replace(b"1.1", b"1.0") + b"Transfer-Encoding: chunked\r\n\r\n"
    assert answers(site, old + REST) == [400]


@pytest.mark.parametrize("name", CHUNKS)
def test_nothing_behind_a_broken_chunk_is_taken_for_a_request(site: Site, name: str) -> None:
    _first, *more = answers(site, ASK + b"Transfer-Encoding: chunked\r\n\r\n" + CHUNKS[name] + REST)
    assert set(more) <= {400}

"""Requests that come when they come: an open loop, where nobody waits for those before them.

Each comes over a line of its own, so many a second, answered or not; or so many at once, where
what a site can do is to be measured.
"""

import re
import selectors
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count

# The port of a line that was closed rests for a minute, and one address has 28,000 of them.
_ADDRESSES = [f"127.0.0.{number}" for number in range(2, 32)]
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_NO_PORT_YET = getattr(socket, "IP_BIND_ADDRESS_NO_PORT", 24)


@dataclass(frozen=True)
class Asking:
    """One request as it goes over the line, and what it is about."""

    kind: str
    data: bytes
    number: int = 0


@dataclass
class Told:
    """What one request came to; without a status it failed, and `why` says how."""

    asking: Asking
    seconds: float
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    text: str = ""
    why: str = ""


@dataclass
class _Line:
    asking: Asking
    socket: socket.socket
    # When it was to come: what it waits until it is let in is waiting, too.
    due: float
    got: bytearray = field(default_factory=bytearray)
    is_sent: bool = False


class Flood:
    """Sends requests and tells of each what came of it."""

    def __init__(self, port: int, asked: Iterator[Asking], tell: Callable[[Told], None]) -> None:
        self._port, self._asked, self._tell = port, asked, tell
        self._selector = selectors.DefaultSelector()
        self._lines: dict[int, _Line] = {}
        self._from = count()
        self.offered = 0
        # By how much it was late itself, which would make a lighter flood of it.
        self.late = 0.0

    def pour(self, rate: float, seconds: float, patience: float = 30) -> None:
        """Send so many a second for so many seconds, and wait until all are answered."""
        began = time.monotonic()
        due, end = began, began + seconds
        while due < end or self._lines:
            now = time.monotonic()
            while due < end and due <= now:
                self.late = max(self.late, now - due)
                self._open(due)
                due += 1 / rate
            rest = due - time.monotonic() if due < end else 0.2
            self._turn(max(0.0, min(rest, 0.2)))
            self._give_up(patience)

    def keep(self, at_once: int, seconds: float, patience: float = 30) -> None:
        """Keep so many requests under way for so many seconds."""
        end = time.monotonic() + seconds
        while time.monotonic() < end or self._lines:
            while len(self._lines) < at_once and time.monotonic() < end:
                self._open(time.monotonic())
            self._turn(0.2)
            self._give_up(patience)

    def _open(self, due: float) -> None:
        line = _Line(next(self._asked), socket.socket(), due)
        self.offered += 1
        line.socket.setblocking(False)
        with suppress(OSError):
            line.socket.setsockopt(socket.IPPROTO_IP, _NO_PORT_YET, 1)
        line.socket.bind((_ADDRESSES[next(self._from) % len(_ADDRESSES)], 0))
        line.socket.connect_ex(("127.0.0.1", self._port))
        self._lines[line.socket.fileno()] = line
        self._selector.register(line.socket, selectors.EVENT_WRITE, line)

    def _turn(self, within: float) -> None:
        for key, _events in self._selector.select(within):
            line: _Line = key.data
            try:
                if line.is_sent:
                    self._read(line)
                else:
                    line.socket.sendall(line.asking.data)
                    line.is_sent = True
                    self._selector.modify(line.socket, selectors.EVENT_READ, line)
            except BlockingIOError:
                continue
            except OSError as error:
                self._end(line, f"{type(error).__name__}")

    def _read(self, line: _Line) -> None:
        if data := line.socket.recv(65536):
            line.got += data
        # As a browser does: whole is whole, whether or not the line has been closed as well.
        if not data or _is_whole(line.got):
            self._end(line)

    def _give_up(self, patience: float) -> None:
        limit = time.monotonic() - patience
        # They stand in the order in which they were opened.
        while self._lines:
            oldest = next(iter(self._lines.values()))
            if oldest.due > limit:
                return
            self._end(oldest, f"no answer within {patience:.0f} s")

    def _end(self, line: _Line, why: str = "") -> None:
        self._lines.pop(line.socket.fileno())
        self._selector.unregister(line.socket)
        line.socket.close()
        self._tell(_read_answer(line, why))


def _is_whole(got: bytearray) -> bool:
    head, gap, body = got.partition(b"\r\n\r\n")
    found = _LENGTH.search(head)
    return bool(gap and found and len(body) >= int(found[1]))


def _read_answer(line: _Line, why: str) -> Told:
    seconds = time.monotonic() - line.due
    if why:
        return Told(line.asking, seconds, why=why)
    head, _gap, body = bytes(line.got).partition(b"\r\n\r\n")
    first, *rest = head.decode("latin-1").split("\r\n")
    words = first.split()
    if len(words) < 2 or not words[1].isdigit():
        return Told(line.asking, seconds, why="closed without an answer")
    headers = {name.lower(): value for name, _colon, value in (one.partition(": ") for one in rest)}
    if len(body) != int(headers.get("content-length", len(body))):
        return Told(line.asking, seconds, why="answer cut short")
    text = body.decode("utf-8", "replace")
    return Told(line.asking, seconds, int(words[1]), headers, text)


def as_sent(
    method: str, path: str, *, body: str = "", of: str = "", headers: dict[str, str] | None = None
) -> bytes:
    """Return a request as it goes over a line that is closed afterwards."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    data = body.encode()
    if method == "POST":
        lines += [f"Content-Type: {of}", f"Content-Length: {len(data)}"]
    return "\r\n".join([*lines, "", ""]).encode() + data


def percentile(seconds: list[float], share: float) -> float:
    """Return the value below which this share of them lies; 0 of none."""
    ordered = sorted(seconds)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0

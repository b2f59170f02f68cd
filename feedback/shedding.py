"""Who has waited too long for a turn is told when to come back, before anything is done for them.

The server takes everybody in and lets them wait. When more come than it can answer, the wait grows
without a bound, until each is answered after they have left. So whoever has waited for longer than
a page is worth is turned away, which takes a tenth of the time, and the others are answered.
"""

import socket
import struct
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import cycle
from typing import Any

Site = Callable[[dict[str, Any], Any], Iterable[bytes]]
# Given what was asked and in how many seconds to come back: the status, headers and body.
Headers = list[tuple[str, str]]
TurnAway = Callable[[dict[str, Any], str], tuple[str, Headers, bytes]]

# In seconds, and as shares of how many may stand at the door; who comes then finds it shut.
PATIENCE, AT_THE_DOOR = 2.0, 0.5
# What somebody wants kept is what all of this is for, and a page that was let out wants its styles.
# Not much longer, though: in one queue everybody waits for as long as the most patient.
LAST_PATIENCE, LAST_AT_THE_DOOR = 3.0, 0.75

# Left in what the server keeps of a request that was turned away.
TURNED_AWAY = "afterword.turned_away"

_PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
_KEPT = ("/s/", "/p/", "/my/", "/api/")
# In struct tcp_info: how long ago, in milliseconds, the last data came; and of a socket that
# listens, how many stand there and how many may.
_LAST_DATA, _STANDING = struct.Struct("=52xI"), struct.Struct("=24xII")
_TCP_INFO = getattr(socket, "TCP_INFO", None)


def is_last(method: str, path: str) -> bool:
    """Tell whether this is among what is turned away last."""
    return path.startswith("/static/") or (method == "POST" and path.startswith(_KEPT))


def is_too_late(method: str, path: str, waited: float, at_the_door: float) -> bool:
    """Tell whether to turn away who has waited for so long, while so many stand at the door."""
    if path in _PROBES:
        return False
    if is_last(method, path):
        return waited > LAST_PATIENCE or at_the_door > LAST_AT_THE_DOOR
    return waited > PATIENCE or at_the_door > AT_THE_DOOR


def waited(line: Any) -> float:
    """Return for how many seconds what came last on this line has waited, in the kernel too.

    Only Linux says so, and only of TCP; anywhere else nobody has waited.
    """
    return next(_told(line, _LAST_DATA), 0) / 1000


def at_the_door(doors: Iterable[Any]) -> float:
    """Return how full it is at the fullest of the sockets that listen, from 0 to 1."""
    found = (tuple(_told(door, _STANDING)) for door in doors)
    return max((one[0] / one[1] for one in found if one and one[1]), default=0.0)


def _told(line: Any, about: struct.Struct) -> Iterator[int]:
    """Yield what the kernel tells about a socket; nothing where it tells nothing."""
    with suppress(OSError, struct.error):
        if _TCP_INFO is not None:
            yield from about.unpack(line.getsockopt(socket.IPPROTO_TCP, _TCP_INFO, about.size))


class Shedding:
    """Stands in front of the site and turns away who comes too late; WSGI."""

    def __init__(self, site: Site, turn_away: TurnAway) -> None:
        self._site, self._turn_away = site, turn_away
        self.doors: list[Any] = []
        # Not all of them at the same moment, or they would only meet again.
        self._come_back = cycle(str(seconds) for seconds in range(20, 41))
        self._lock = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer, or let the site answer."""
        line = environ.get("gunicorn.socket")
        if line is None:
            return self._site(environ, start_response)
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        if not is_too_late(method, path, waited(line), at_the_door(self.doors)):
            return self._site(environ, start_response)
        with self._lock:
            seconds = next(self._come_back)
        environ[TURNED_AWAY] = True
        status, headers, body = self._turn_away(environ, seconds)
        start_response(status, headers)
        return [] if method == "HEAD" else [body]

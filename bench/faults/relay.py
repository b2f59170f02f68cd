"""Stands between the site and PostgreSQL, and cuts the line when a COMMIT has been carried out."""

import random
import socket
import threading
from contextlib import suppress


class Relay:
    """A line to the database; use it as a context."""

    def __init__(self, port: int, chance: random.Random) -> None:
        self.to, self.chance = port, chance
        # How many of the COMMITs lose their answer, from none to all.
        self.share, self.cut = 0.0, 0
        self._lock = threading.Lock()

    def __enter__(self) -> "Relay":
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _address = self._listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self.to), timeout=10)
            except OSError:
                near.close()
                continue
            far.settimeout(None)
            line = _Line(near, far)
            threading.Thread(target=self._there, args=(line,), daemon=True).start()
            threading.Thread(target=self._back, args=(line,), daemon=True).start()

    def _there(self, line: "_Line") -> None:
        with suppress(OSError):
            while data := line.near.recv(65536):
                # The driver asks for it in a message of its own.
                if b"COMMIT" in data:
                    with self._lock:
                        line.is_doomed = self.chance.random() < self.share
                line.far.sendall(data)
        line.close()

    def _back(self, line: "_Line") -> None:
        with suppress(OSError):
            while data := line.far.recv(65536):
                # What answers now has been done; nobody here is told.
                if line.is_doomed and b"COMMIT" in data:
                    with self._lock:
                        self.cut += 1
                    break
                line.near.sendall(data)
        line.close()


class _Line:
    """The two ends of one connection."""

    def __init__(self, near: socket.socket, far: socket.socket) -> None:
        self.near, self.far, self.is_doomed = near, far, False

    def close(self) -> None:
        for end in (self.near, self.far):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

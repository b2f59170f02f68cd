"""A mail server that keeps what it takes, and is ill in whatever way an experiment wants."""

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256

# What a server may do instead of answering with a line.
DROP, HANG = "drop", "hang"
# The steps at which it can be ill, in their order; "after" is when it has taken a message.
STAGES = ("greeting", "EHLO", "MAIL", "RCPT", "DATA", "dot", "after")


@dataclass(frozen=True)
class Copy:
    """A message taken: to whom, under which name, which bytes, by which connection, and when."""

    recipient: str
    message_id: str
    digest: str
    connection: int
    at: float


@dataclass
class Talk:
    """One connection: its number, how many it has brought, and to whom the next goes."""

    number: int
    carried: int = 0
    recipient: str = ""


@dataclass
class Sink:
    """The server; use it as a context. `behave` says what to do at a stage, None for the usual."""

    behave: Callable[[str, Talk], str | None] = lambda stage, talk: None
    # Seconds it takes over a message before and after it counts as taken.
    slow: float = 0.0
    taken: list[Copy] = field(default_factory=list)
    # How often each recipient was named, whatever was answered.
    named: list[str] = field(default_factory=list)
    connections: int = 0
    port: int = 0

    def __enter__(self) -> "Sink":
        self.ended = threading.Event()
        self._lock = threading.Lock()
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.ended.set()
        self.stop()

    def start(self) -> None:
        """Listen, on the same port as before."""
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind(("127.0.0.1", self.port))
        self._listener.listen(64)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def stop(self) -> None:
        """Be away: nobody listens any more."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _address = listener.accept()
            except OSError:
                return
            with self._lock:
                self.connections += 1
                talk = Talk(self.connections)
            threading.Thread(target=self._serve, args=(connection, talk), daemon=True).start()

    def _serve(self, connection: socket.socket, talk: Talk) -> None:
        with connection, suppress(OSError), connection.makefile("rb") as lines:
            if not self._reply(connection, talk, "greeting", "220 mx.example.cn"):
                return
            while line := lines.readline():
                verb = line[:4].upper().strip().decode("ascii", "replace")
                if verb == "QUIT":
                    connection.sendall(b"221 bye\r\n")
                    return
                if verb == "RCPT":
                    talk.recipient = line.split(b"<")[-1].split(b">")[0].decode()
                    with self._lock:
                        self.named.append(talk.recipient)
                if verb == "DATA":
                    if not self._take(connection, lines, talk):
                        return
                elif not self._reply(connection, talk, verb, "250 2.0.0 fine"):
                    return

    def _reply(self, connection: socket.socket, talk: Talk, stage: str, usual: str) -> bool:
        """Answer at a stage; tell whether the conversation goes on."""
        answer = self.behave(stage, talk) or usual
        if answer == HANG:
            self.ended.wait()
        if answer in (HANG, DROP):
            return False
        connection.sendall(f"{answer}\r\n".encode())
        return not answer.startswith("421")

    def _take(self, connection: socket.socket, lines: object, talk: Talk) -> bool:
        instead = self.behave("DATA", talk)
        if instead is not None:
            if instead == HANG:
                self.ended.wait()
            if instead in (HANG, DROP):
                return False
            connection.sendall(f"{instead}\r\n".encode())
            return not instead.startswith("421")
        connection.sendall(b"354 go on\r\n")
        kept: list[bytes] = []
        while (line := lines.readline()) != b".\r\n":  # type: ignore[attr-defined]
            if not line:
                return False
            kept.append(line)
        time.sleep(self.slow)
        refusal = self.behave("dot", talk)
        if refusal is None or refusal in (DROP, HANG):
            # One that leaves without a word has taken it all the same.
            self._keep(b"".join(kept), talk)
            time.sleep(self.slow)
        if refusal is None:
            refusal = self.behave("after", talk)
        if refusal == HANG:
            self.ended.wait()
        if refusal in (DROP, HANG):
            return False
        answer = refusal or "250 2.0.0 queued"
        connection.sendall(f"{answer}\r\n".encode())
        return not answer.startswith("421")

    def _keep(self, wire: bytes, talk: Talk) -> None:
        head = wire.split(b"\r\n\r\n", 1)[0].decode("utf-8", "replace")
        (name,) = [
            line.partition(":")[2].strip()
            for line in head.split("\r\n")
            if line.lower().startswith("message-id:")
        ]
        digest = sha256(wire).hexdigest()
        with self._lock:
            talk.carried += 1
            copy = Copy(talk.recipient, name, digest, talk.number, time.monotonic())
            self.taken.append(copy)

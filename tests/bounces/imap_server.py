"""A small IMAP server: one mailbox, real sockets, and the commands our reading needs."""

import re
import socket
import socketserver
import threading
from base64 import b64decode
from dataclasses import dataclass, field


@dataclass
class Kept:
    """One mail in the mailbox."""

    uid: int
    wire: bytes
    flags: set[str] = field(default_factory=set)


class ImapServer:
    """Use it as a context; `mails` is what lies in INBOX."""

    user, password = "returns@example.cn", "geheim 密"

    def __init__(self) -> None:
        self.named = False
        self.mails: list[Kept] = []
        self.hangs_at = ""
        office = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                office._serve(self.rfile, self.wfile)

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True

        self._server = Server(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]

    def put(self, wire: bytes) -> Kept:
        kept = Kept(len(self.mails) + 1, wire)
        self.mails.append(kept)
        return kept

    def __enter__(self) -> "ImapServer":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _serve(self, read, write) -> None:  # type: ignore[no-untyped-def]
        write.write(b"* OK ready\r\n")
        while line := read.readline():
            tag, _space, rest = line.decode("utf-8").strip().partition(" ")
            command = rest.upper()
            if self.hangs_at and command.startswith(self.hangs_at):
                read.readline()
                return
            if command == "AUTHENTICATE PLAIN":
                write.write(b"+ \r\n")
                rest = "LOGIN " + b64decode(read.readline()).decode().replace("\0", " ")
                command = rest.upper()
            for answer in self._answers(rest, command, read, write):
                write.write(answer + b"\r\n")
            if command.startswith("LOGIN") and not self._is_right(rest):
                write.write(f"{tag} NO [AUTHENTICATIONFAILED] 密码错误\r\n".encode())
                continue
            if command.startswith(("SELECT", "EXAMINE")) and not self.named:
                write.write(f"{tag} NO Unsafe Login\r\n".encode())
                continue
            if command.startswith(("SELECT", "EXAMINE")) and "INBOX" not in command:
                write.write(f"{tag} NO no such mailbox\r\n".encode())
                continue
            write.write(f"{tag} OK done\r\n".encode())
            if command == "LOGOUT":
                return

    def _is_right(self, rest: str) -> bool:
        return self.user in rest and self.password in rest

    def _answers(self, rest, command, read, write):  # type: ignore[no-untyped-def]
        if command == "CAPABILITY":
            yield b"* CAPABILITY IMAP4rev1 AUTH=PLAIN ID"
        elif command.startswith("ID "):
            self.named = True
        elif command.startswith(("SELECT", "EXAMINE")):
            yield f"* {len(self.mails)} EXISTS".encode()
        elif command.startswith("UID SEARCH"):
            unseen = [m.uid for m in self.mails if not m.flags & {"\\Seen", "\\Deleted"}]
            yield b"* SEARCH" + "".join(f" {uid}" for uid in unseen).encode()
        elif found := re.match(r"UID FETCH (\d+) \(BODY\.PEEK\[\]<0\.(\d+)>\)", command):
            kept = self._find(int(found[1]))
            if kept is not None:
                wire = kept.wire[: int(found[2])]
                head = f"* {kept.uid} FETCH (UID {kept.uid} BODY[]<0> {{{len(wire)}}}\r\n"
                yield head.encode() + wire + b")"
        elif found := re.match(r"UID STORE (\d+) \+FLAGS\.SILENT \((.*)\)", rest, re.IGNORECASE):
            kept = self._find(int(found[1]))
            if kept is not None:
                kept.flags |= set(found[2].split())
        elif command == "EXPUNGE":
            self.mails = [mail for mail in self.mails if "\\Deleted" not in mail.flags]

    def _find(self, uid: int) -> Kept | None:
        return next((mail for mail in self.mails if mail.uid == uid), None)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

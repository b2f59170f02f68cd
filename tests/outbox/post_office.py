"""A real SMTP server that answers as a test tells it to, and keeps what it takes."""

# ruff: noqa: N802 — aiosmtpd finds what serves a command by the command's name.

import asyncio
import socket
import ssl
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

DROP, HANG = "drop the connection", "say nothing more"


@dataclass
class Letter:
    """A message taken: its envelope, and its bytes as they came."""

    sender: str
    recipients: list[str]
    wire: bytes

    @property
    def mail(self) -> EmailMessage:
        """Return the message as a mail program reads it."""
        return message_from_bytes(self.wire, policy=policy.default)  # type: ignore[return-value]

    def part(self, kind: str) -> str:
        """Return the "plain" or the "html" part."""
        part = self.mail.get_body((kind,))
        assert part is not None
        return str(part.get_content())


class PostOffice:
    """The server; use it as a context.

    `script[stage]` holds answers for the coming visits of a stage, one each; `always[stage]`
    answers all others. Stages: "greeting", "EHLO", "MAIL", "RCPT", "DATA", "body" (while the
    message comes), "dot" and "QUIT". An answer is a line such as "451 4.7.1 later", DROP, HANG, or
    a function of the envelope that returns one of them, or None for a good one.
    """

    def __init__(self, **settings: Any) -> None:
        self.script: dict[str, deque[Any]] = defaultdict(deque)
        self.always: dict[str, Any] = {}
        self.taken: list[Letter] = []
        self.connections = 0
        self.open: list[Any] = []
        self.visits: list[str] = []
        # Called with each message while the server has not answered yet.
        self.before_answer: Callable[[Letter], None] = lambda letter: None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        office = self

        class Office(Controller):
            def factory(self) -> SMTP:
                return _Clerk(office, _Handler(office), loop=self.loop, **settings)

        self._controller = Office(None, hostname="127.0.0.1", port=self.port)

    def __enter__(self) -> "PostOffice":
        self._controller.start()
        self.connections, self.visits = 0, []
        return self

    def __exit__(self, *error: object) -> None:
        for transport in self.open:
            self._controller.loop.call_soon_threadsafe(transport.abort)
        self._controller.stop()

    def answer(self, stage: str, envelope: Envelope | None = None) -> str | None:
        """Return what to do at a stage, None for what servers usually do."""
        self.visits.append(stage)
        found = self.script[stage].popleft() if self.script[stage] else self.always.get(stage)
        return found(envelope) if callable(found) else found

    @property
    def settings(self) -> dict[str, Any]:
        """Return the settings of an application that sends through this server."""
        return {"MAIL_SERVER": "127.0.0.1", "MAIL_PORT": self.port}


class _Clerk(SMTP):
    """Serves one connection."""

    def __init__(self, office: PostOffice, handler: Any, **settings: Any) -> None:
        self.office = office
        super().__init__(handler, hostname="mx.example.cn", **settings)

    async def _handle_client(self) -> None:
        self.office.connections += 1
        self.office.open.append(self.transport)
        if not await self.follows("greeting"):
            await super()._handle_client()
        elif self.transport is not None:
            self.transport.close()

    async def follows(self, stage: str) -> bool:
        """Tell whether the script has an answer here, and give it."""
        answer = self.office.answer(stage, self.envelope)
        if answer is None:
            return False
        if answer == DROP:
            self.transport.abort()  # type: ignore[union-attr]
        elif answer == HANG:
            await asyncio.sleep(3600)
        else:
            await self.push(answer)
            if answer.startswith("421"):
                self.transport.close()  # type: ignore[union-attr]
        return True

    async def smtp_EHLO(self, hostname: str) -> None:
        if not await self.follows("EHLO"):
            await super().smtp_EHLO(hostname)

    async def smtp_MAIL(self, arg: str | None) -> None:
        if not await self.follows("MAIL"):
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str | None) -> None:
        if not await self.follows("RCPT"):
            await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str) -> None:
        if await self.follows("DATA"):
            return
        if self.office.always.get("body") or self.office.script["body"]:
            await self.push("354 go on")
            await self.follows("body")
            return
        await super().smtp_DATA(arg)

    async def smtp_QUIT(self, arg: str) -> None:
        if not await self.follows("QUIT"):
            await super().smtp_QUIT(arg)


class _Handler:
    def __init__(self, office: PostOffice) -> None:
        self.office = office

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.original_content
        letter = Letter(str(envelope.mail_from), list(envelope.rcpt_tos), content or b"")
        answer = self.office.answer("dot", envelope)
        # A server that drops the connection here has taken the message all the same.
        if answer in (None, DROP, HANG) or answer.startswith("250"):
            self.office.taken.append(letter)
        await asyncio.get_running_loop().run_in_executor(None, self.office.before_answer, letter)
        if answer == DROP:
            server.transport.abort()
        if answer == HANG:
            await asyncio.sleep(3600)
        if answer == "421":
            server.transport.close()
        return answer if answer not in (None, DROP) else "250 2.0.0 queued as 4711"


def password_is(expected: str) -> Callable[..., AuthResult]:
    """Return what checks a password at the server."""

    def check(
        server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        return AuthResult(success=data.password == expected.encode(), handled=False)

    return check


def tls_context(certificate: str, key: str) -> ssl.SSLContext:
    """Return the context of a server with this certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context

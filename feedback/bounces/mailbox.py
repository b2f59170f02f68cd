"""The mailbox returned mail is delivered to: read by IMAP, or from a folder on this machine."""

import imaplib
import mailbox
import ssl
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from feedback.bounces.report import LARGEST

# A round reads no more at once; the next goes on where this one stopped.
MOST_AT_ONCE = 200
_SECONDS = 15.0

Take = Callable[[bytes], bool]


class MailboxAway(Exception):
    """The mailbox cannot be read; the message says why in the server's words."""


@dataclass(frozen=True)
class MailboxAddress:
    """Where the mailbox is: `imaps://name@host/INBOX`, `imap://…`, or `maildir:/a/folder`."""

    kind: str
    host: str = ""
    port: int = 0
    user: str = ""
    folder: str = "INBOX"

    def __str__(self) -> str:
        """Return the address as it is set, which holds no password."""
        if self.kind == "maildir":
            return f"maildir:{self.folder}"
        return f"{self.kind}://{self.user}@{self.host}:{self.port}/{self.folder}"


def read_mailbox_address(text: str) -> MailboxAddress:
    """Return what the text says, or raise ValueError."""
    if text.startswith("maildir:"):
        folder = text.removeprefix("maildir:")
        if not folder.startswith("/"):
            raise ValueError(text)
        return MailboxAddress("maildir", folder=folder)
    parts = urlsplit(text)
    if parts.scheme not in ("imap", "imaps") or not parts.hostname or not parts.username:
        raise ValueError(text)
    if parts.password is not None or parts.query or parts.fragment or parts.port == 0:
        # A password in an address ends up in logs and process lists.
        raise ValueError(text)
    return MailboxAddress(
        parts.scheme,
        parts.hostname,
        parts.port or (993 if parts.scheme == "imaps" else 143),
        unquote(parts.username),
        unquote(parts.path.lstrip("/")) or "INBOX",
    )


def read_new(address: MailboxAddress, password: str, take: Take) -> int:
    """Give each new mail to `take`; return how many there were.

    What `take` understood, and so answered with True, is removed. Everything else stays, marked as
    read, for a person to look at.

    Raises:
        MailboxAway: it cannot be opened, or goes away meanwhile; what was taken is taken.

    """
    if address.kind == "maildir":
        return _read_folder(Path(address.folder), take)
    try:
        return _read_imap(address, password, take)
    except (imaplib.IMAP4.error, OSError) as error:
        raise MailboxAway(f"{address}: {_words(error)}") from error


def look_at(address: MailboxAddress, password: str) -> str:
    """Open the mailbox and return what is there, in a few words; nothing is changed.

    Raises:
        MailboxAway: it cannot be opened.

    """
    if address.kind == "maildir":
        return str(len(list(_new_files(Path(address.folder)))))
    try:
        with _opened(address, password, readonly=True) as server:
            return str(len(_unseen(server)))
    except (imaplib.IMAP4.error, OSError) as error:
        raise MailboxAway(f"{address}: {_words(error)}") from error


def _read_folder(folder: Path, take: Take) -> int:
    number = 0
    for path in list(_new_files(folder))[:MOST_AT_ONCE]:
        try:
            with path.open("rb") as file:
                understood = take(file.read(LARGEST))
            if understood:
                path.unlink(missing_ok=True)
            else:
                path.rename(folder / "cur" / f"{path.name.partition(':')[0]}:2,S")
        except FileNotFoundError:
            # Another worker was quicker.
            continue
        except OSError as error:
            raise MailboxAway(f"maildir:{folder}: {_words(error)}") from error
        number += 1
    return number


def _new_files(folder: Path) -> Iterator[Path]:
    try:
        # Opening it checks that the folder is such a mailbox.
        mailbox.Maildir(folder, create=False)
        yield from sorted(path for path in (folder / "new").iterdir() if path.is_file())
    except (mailbox.NoSuchMailboxError, OSError) as error:
        raise MailboxAway(f"maildir:{folder}: {_words(error)}") from error


def _read_imap(address: MailboxAddress, password: str, take: Take) -> int:
    number = 0
    with _opened(address, password, readonly=False) as server:
        for uid in _unseen(server)[:MOST_AT_ONCE]:
            _status, found = server.uid("FETCH", uid, f"(BODY.PEEK[]<0.{LARGEST}>)")
            wire = next((one[1] for one in found if isinstance(one, tuple)), None)
            if wire is None:
                # Another worker was quicker.
                continue
            flags = r"(\Seen \Deleted)" if take(wire) else r"(\Seen)"
            server.uid("STORE", uid, "+FLAGS.SILENT", flags)
            number += 1
        if number:
            server.expunge()
    return number


def _unseen(server: imaplib.IMAP4) -> list[str]:
    _status, found = server.uid("SEARCH", "UNSEEN", "UNDELETED")
    return [uid.decode("ascii") for uid in (found[0] or b"").split()]


class _opened:  # noqa: N801 — used like a function, as contexts are.
    """An IMAP connection, signed in and with the folder open; closed whatever happens."""

    def __init__(self, address: MailboxAddress, password: str, *, readonly: bool) -> None:
        self._address, self._password, self._readonly = address, password, readonly

    def __enter__(self) -> imaplib.IMAP4:
        address = self._address
        server: imaplib.IMAP4
        if address.kind == "imaps":
            context = ssl.create_default_context()
            server = imaplib.IMAP4_SSL(
                address.host, address.port, ssl_context=context, timeout=_SECONDS
            )
        else:
            server = imaplib.IMAP4(address.host, address.port, timeout=_SECONDS)
        self._server = server
        try:
            if address.kind == "imap" and "STARTTLS" in server.capabilities:
                server.starttls(ssl.create_default_context())
            _sign_in(server, address.user, self._password)
            status, words = server.select(_quoted(address.folder), readonly=self._readonly)
            if status != "OK":
                raise imaplib.IMAP4.error(_text(words[0]))
        except BaseException:
            self._leave()
            raise
        return server

    def __exit__(self, *error: object) -> None:
        self._leave()

    def _leave(self) -> None:
        with suppress(imaplib.IMAP4.error, OSError):
            self._server.logout()
        # One that does not take leave is left all the same.
        with suppress(OSError):
            self._server.shutdown()


def _sign_in(server: imaplib.IMAP4, user: str, password: str) -> None:
    if (user + password).isascii():
        server.login(user, password)
    else:
        # A plain LOGIN knows ASCII only.
        server.authenticate("PLAIN", lambda _challenge: f"\0{user}\0{password}".encode())
    if "ID" in server.capabilities:
        # NetEase opens no mailbox to programs that do not say who they are (RFC 2971).
        server.xatom("ID", '("name" "Afterword")')


def _quoted(folder: str) -> str:
    return '"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _words(error: Exception) -> str:
    first = error.args[0] if error.args else ""
    return (_text(first) or error.__class__.__name__)[:300]


def _text(value: object) -> str:
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    return " ".join(text.split())

"""A mail server in a process of its own, which ends with its test."""

import mailbox
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType

from tests.sites import free_port


class MailServer:
    """A real SMTP server that keeps what it takes in a Maildir."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()

    def __enter__(self) -> "MailServer":
        self._process = subprocess.Popen(
            [
                sys.executable, "-m", "aiosmtpd", "-n", "-l", f"127.0.0.1:{self.port}",
                "-c", "aiosmtpd.handlers.Mailbox", str(self.folder),
            ]
        )  # fmt: skip
        for _ in range(300):
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                assert self._process.poll() is None, "the mail server ended before it answered"
                time.sleep(0.1)
            else:
                break
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.terminate()
        self._process.wait(10)

    def received(self) -> list[bytes]:
        """Return the messages it took, the oldest first."""
        box = mailbox.Maildir(self.folder, create=False)
        kept = sorted((message.get_date(), key) for key, message in box.iteritems())
        return [box.get_bytes(key) for _date, key in kept]

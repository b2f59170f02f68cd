"""The site as its operator starts it, in processes that can be killed."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bench.faults.databases import SECRET, Database, free_port

ROOT = Path(__file__).parent.parent.parent


def environment(database_url: str, instance: Path, **settings: object) -> dict[str, str]:
    """Return an environment with these settings and nobody else's."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("FEEDBACK_")}
    given = {
        "SECRET_KEY": SECRET,
        "DATABASE_URL": database_url,
        "INSTANCE_PATH": str(instance),
        "PUBLIC_URL": "http://127.0.0.1",
        "MAIL_SENDER": "care@example.cn",
        # Its customers are programs, and quicker than a person.
        "PRESS_AFTER_SECONDS": 0,
    } | settings
    return own | {f"FEEDBACK_{name}": str(value) for name, value in given.items()}


def flask(planted: str | None, *arguments: str) -> list[str]:
    """Return the command line of a flask command, with a bug planted into it or without."""
    if planted is None:
        return [sys.executable, "-m", "flask", *arguments]
    return [sys.executable, "-m", "bench.faults.planted", planted, *arguments]


class Site:
    """`flask serve`, its worker inside, which can be killed in part or whole and started again."""

    def __init__(
        self, database: Database, folder: Path, planted: str | None = None, **settings: object
    ) -> None:
        self.port, self.log = free_port(), folder / "site.log"
        self.command = flask(planted, "serve", "--port", str(self.port))
        self.environment = environment(database.url, folder / "instance", **settings)
        self.process: subprocess.Popen[bytes] | None = None
        # Every process group ever started, so that nothing of ours is left behind.
        self.groups: list[int] = []

    @property
    def url(self) -> str:
        """Return where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def start(self, within: float = 90) -> float:
        """Start it, again where the port is not free yet; return after how long it answered."""
        began = time.monotonic()
        while time.monotonic() < began + within:
            with self.log.open("ab") as output:
                self.process = subprocess.Popen(
                    self.command, cwd=ROOT, env=self.environment, stdin=subprocess.DEVNULL,
                    stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
                )  # fmt: skip
            self.groups.append(self.process.pid)
            while self.process.poll() is None and time.monotonic() < began + within:
                if self.answers():
                    return time.monotonic() - began
                time.sleep(0.05)
            # What is left of a killed site holds the port for another moment.
            time.sleep(0.2)
        raise TimeoutError(self.log.read_text()[-3000:])

    def answers(self, path: str = "/healthz") -> bool:
        """Tell whether it says that all is well."""
        with suppress(OSError), urllib.request.urlopen(self.url + path, timeout=5) as answer:  # noqa: S310
            return bool(answer.status == 200)
        return False

    def wait_until_ready(self, path: str = "/healthz", within: float = 60) -> float:
        """Wait until it says that all is well; return for how long that took."""
        began = time.monotonic()
        while not self.answers(path):
            if time.monotonic() > began + within:
                raise TimeoutError(self.log.read_text()[-3000:])
            time.sleep(0.02)
        return time.monotonic() - began

    def workers(self) -> list[int]:
        """Return the processes that answer."""
        assert self.process is not None
        pid = self.process.pid
        try:
            found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        except OSError:
            return []
        return [int(child) for child in found]

    def wait_for_workers(self, number: int, within: float = 60) -> None:
        """Wait until so many processes answer."""
        end = time.monotonic() + within
        while len(self.workers()) < number:
            if time.monotonic() > end:
                raise TimeoutError(self.log.read_text()[-3000:])
            time.sleep(0.02)

    def kill_master(self) -> None:
        """Kill the process that looks after the others, which notice and leave."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def kill_all(self) -> None:
        """Kill the whole site at one instant."""
        assert self.process is not None
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        """End it as an operator does; return its exit status."""
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(30)

    def clear(self) -> None:
        """Leave nothing of it behind."""
        for group in self.groups:
            # Each is a group of its own that only our processes are in.
            with suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)
        if self.process is not None:
            self.process.wait()


@contextmanager
def serving(
    database: Database, folder: Path, planted: str | None = None, **settings: object
) -> Iterator[Site]:
    """Serve until the block ends."""
    site = Site(database, folder, planted, **settings)
    try:
        site.start()
        yield site
    finally:
        site.clear()

"""Starts the site as its operator does, in processes of its own, and looks after them."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.kept import lend_words

ROOT = Path(__file__).parent.parent
FLASK = (sys.executable, "-m", "flask")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment_for(instance: Path, **settings: str) -> dict[str, str]:
    """Return an environment with these settings and nobody else's."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("FEEDBACK_")}
    own |= {"HOME": str(instance / "home"), "LC_ALL": "C.UTF-8", "FEEDBACK_SECRET_KEY": "k" * 40}
    own["FEEDBACK_INSTANCE_PATH"] = str(instance)
    own["FEEDBACK_PRESS_AFTER_SECONDS"] = "0"
    return own | {f"FEEDBACK_{name}": value for name, value in settings.items()}


@dataclass
class Site:
    """A running site."""

    process: subprocess.Popen[bytes]
    url: str
    instance: Path
    log: Path

    def get(self, path: str, **headers: str) -> tuple[int, str]:
        asked = urllib.request.Request(self.url + path, headers=headers)
        try:
            with urllib.request.urlopen(asked, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, refusal.read().decode()

    def wait_until_ready(self) -> dict[str, Any]:
        """Return what /readyz says once all is well."""
        return self.wait_for(
            lambda: json.loads(answer[1]) if (answer := self.get("/readyz"))[0] == 200 else None
        )

    def wait_for(self, look: Any, seconds: float = 60) -> Any:
        """Return what is found once there is something to be found."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            assert self.process.poll() is None, self.output()
            try:
                if found := look():
                    return found
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                pass
            time.sleep(0.05)
        raise AssertionError(self.output())

    def output(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def stop(self, number: int = signal.SIGTERM, *, group: bool = False) -> int:
        """Send a signal; return the exit status, late only where the machine is busy."""
        if group:
            os.killpg(self.process.pid, number)
        else:
            self.process.send_signal(number)
        return self.process.wait(timeout=20)

    def processes(self) -> list[str]:
        """Return the commands of all processes that run for this installation."""
        mark = f"FEEDBACK_INSTANCE_PATH={self.instance}".encode()
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (folder / "environ").read_bytes().split(b"\0"):
                    found.append((folder / "cmdline").read_bytes().decode())
            except OSError:
                continue
        return [command for command in found if command]


@contextmanager
def running(instance: Path, *command: str, port: int, **settings: str) -> Iterator[Site]:
    """Run a command that serves on the port until the block ends."""
    lend_words(instance)
    log = instance / "output"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment_for(instance, **settings),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    site = Site(process, f"http://127.0.0.1:{port}", instance, log)
    try:
        yield site
    finally:
        # Only what we started: the group has no other members.
        if site.processes():
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


@contextmanager
def served(instance: Path, *options: str, **settings: str) -> Iterator[Site]:
    """Run `flask serve` until the block ends; give it once it answers."""
    port = free_port()
    with running(
        instance, *FLASK, "serve", "--port", str(port), *options, port=port, **settings
    ) as site:
        site.wait_for(lambda: site.get("/healthz")[0] == 200)
        yield site

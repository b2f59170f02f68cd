"""What a page costs, against a bare answer of the same server."""

import http.client
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parent.parent
CONNECTIONS, SECONDS = 8, 3.0


@dataclass
class Server:
    """A running server of ours."""

    port: int
    process: subprocess.Popen[bytes]
    workers: list[int] = field(default_factory=list)

    def busy(self) -> float:
        """Return how many seconds its processes have computed; nobody else adds to that."""
        ticks = 0
        for pid in self.workers:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def status(self, path: str, headers: dict[str, str]) -> int:
        """Return how it answers; a redirect is no page."""
        url = f"http://127.0.0.1:{self.port}{path}"
        asked = urllib.request.Request(url, headers=headers)
        try:
            with urllib.request.urlopen(asked, timeout=30) as answer:  # noqa: S310
                return int(answer.status) if answer.url.endswith(path) else 302
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code


@dataclass(frozen=True)
class Cost:
    """What a page costs: computing per request, requests a second, and the slowest in a hundred."""

    computing_ms: float
    per_second: float
    p99_ms: float


@contextmanager
def server(environment: dict[str, str]) -> Iterator[Server]:
    """Serve until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "bench.served:app", "--bind", f"127.0.0.1:{port}"]
    # A recycled worker in the middle of measuring would be measured as well.
    command += ["--max-requests", "0", "--log-level", "error", "--access-logfile", os.devnull]
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | environment)
    try:
        served = Server(port, process)
        end = time.monotonic() + 60
        while True:
            try:
                served.status("/bare", {})
                break
            except OSError:
                if time.monotonic() > end or process.poll() is not None:
                    raise
                time.sleep(0.1)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
        served.workers = [int(pid) for pid in children.split()]
        yield served
    finally:
        process.terminate()
        process.wait(15)


def cost_of(served: Server, path: str, headers: dict[str, str]) -> Cost:
    """Ask for the page over several connections for a few seconds."""
    served.status(path, headers)
    times: list[float] = []
    lock, end = threading.Lock(), time.perf_counter() + SECONDS

    def ask() -> None:
        mine = []
        connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=30)
        while (began := time.perf_counter()) < end:
            connection.request("GET", path, headers=headers)
            connection.getresponse().read()
            mine.append(time.perf_counter() - began)
        connection.close()
        with lock:
            times.extend(mine)

    before, began = served.busy(), time.perf_counter()
    threads = [threading.Thread(target=ask) for _number in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took, computed = time.perf_counter() - began, served.busy() - before
    times.sort()
    return Cost(
        computing_ms=1000 * computed / len(times),
        per_second=len(times) / took,
        p99_ms=1000 * times[int(0.99 * (len(times) - 1))],
    )

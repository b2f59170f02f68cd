"""Slow clients (F18): hundreds that send a byte now and then, and a visitor who wants a page.

Behind nginx as docs/running.md sets it up nobody may notice. Without anything in front the server
gives each of them a thread; that is measured as well and only told, since it is no set-up of ours.
"""

import re
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bench.faults.customers import ask
from bench.faults.databases import free_port, opened
from bench.faults.flood import percentile
from bench.faults.sites import ROOT, serving
from bench.faults.stories import invited
from bench.faults.trial import Found, Trial
from feedback import clock

PLANTS = {"no-buffering": "probes without an answer"}
CLIENTS, EVERY, PATIENCE = 300, 3.0, 5.0


def run(trial: Trial) -> list[Found]:
    """Let them come to nginx, and where there is time to the site itself."""
    with opened(trial.database, trial.folder) as app:
        (path,) = list(invited(app, 1, clock.now()).values())[-1:]
    seconds = 6.0 if trial.is_short else min(trial.seconds, 30.0)
    found = []
    with serving(trial.database, trial.folder, PROXIES=1) as site:
        with nginx(trial.folder, site.port, is_buffering=trial.planted is None) as port:
            behind = _visit("slow clients: behind nginx", port, path, seconds)
            failed = behind.counts["probes without an answer"]
            behind.must_hold(f"probes without an answer: {failed}", not failed)
            found.append(behind)
        if not trial.is_short and trial.planted is None:
            site.wait_until_ready()
            direct = _visit("slow clients: nothing in front, not supported", site.port, path, 15)
            found.append(direct)
    return found


def _visit(name: str, port: int, path: str, seconds: float) -> Found:
    """Ask for pages beside the slow ones, and count who gets none."""
    calm = [_probe(port, path) for _each in range(10)]
    over = threading.Event()
    crowd = threading.Thread(target=_crawl, args=(port, path, over))
    crowd.start()
    # Until all of them hold a line.
    time.sleep(1.0)
    found, times, failed = Found(name, 0, "probes"), [], 0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        took = _probe(port, path)
        found.trials += 1
        if took is None:
            failed += 1
        else:
            times.append(took)
        time.sleep(0.1)
    over.set()
    crowd.join()
    found.counts["probes without an answer"] = failed
    before = [took for took in calm if took is not None]
    found.notes.append(
        f"{CLIENTS} clients, a byte every {EVERY:.0f} s: p50 {percentile(times, 0.5):.2f} s, p99"
        f" {percentile(times, 0.99):.2f} s; without them p50 {percentile(before, 0.5):.2f} s"
    )
    return found


def _probe(port: int, path: str) -> float | None:
    """Return how long a page took, None where none came in time."""
    began = time.monotonic()
    with suppress(OSError):
        if ask(port, "GET", path, timeout=PATIENCE).status == 200:
            return time.monotonic() - began
    return None


def _crawl(port: int, path: str, over: threading.Event) -> None:
    """Hold so many lines: half never end their headers, half send a body without an end."""
    beginning = {
        0: f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: a",
        1: f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5000\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n\r\ncsat=",
    }
    lines: dict[int, socket.socket] = {}
    while not over.is_set():
        for number in range(CLIENTS):
            line = lines.get(number)
            try:
                if line is None:
                    line = lines[number] = socket.create_connection(("127.0.0.1", port), 1)
                    line.settimeout(0.05)
                    line.sendall(beginning[number % 2].encode())
                else:
                    line.sendall(b"a")
            except OSError:
                # Whoever is shown the door comes back.
                if line is not None:
                    line.close()
                lines.pop(number, None)
        over.wait(EVERY)
    for line in lines.values():
        line.close()


@contextmanager
def nginx(folder: Path, port: int, *, is_buffering: bool = True) -> Iterator[int]:
    """Stand nginx in front of a port as docs/running.md says, without its certificate."""
    program = shutil.which("nginx")
    if program is None:
        raise FileNotFoundError("no nginx here")
    listening, here = free_port(), folder / "nginx"
    here.mkdir()
    (found,) = re.findall(r"```nginx\n(.*?)```", (ROOT / "docs/running.md").read_text(), re.S)
    found = re.sub(r"listen 443 ssl;", f"listen 127.0.0.1:{listening};", found)
    found = re.sub(r"access_log \S+ ", f"access_log {here}/access.log ", found)
    found = re.sub(r"proxy_pass \S+;", f"proxy_pass http://127.0.0.1:{port};", found)
    if not is_buffering:
        found = found.replace("location / {", "location / {\n        proxy_request_buffering off;")
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    places = "".join(f"  {kind}_temp_path {here}/{kind};\n" for kind in kinds)
    settings = here / "nginx.conf"
    settings.write_text(
        f"daemon off;\npid {here}/pid;\nerror_log {here}/error.log;\n"
        f"events {{ worker_connections 1024; }}\nhttp {{\n{places}{found}}}\n"
    )
    with (here / "out.log").open("wb") as out:
        command = [program, "-p", str(here), "-c", str(settings)]
        process = subprocess.Popen(command, stdout=out, stderr=out, stdin=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 20
        while _probe(listening, "/healthz") is None:
            if process.poll() is not None or time.monotonic() > end:
                raise TimeoutError((here / "out.log").read_text() + settings.read_text())
            time.sleep(0.05)
        yield listening
    finally:
        process.terminate()
        process.wait(10)

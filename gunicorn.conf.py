"""How gunicorn serves the site; it reads this file by itself when started from this folder."""

import logging
import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any

from flask import Flask
from gunicorn.arbiter import Arbiter
from gunicorn.glogging import Logger
from gunicorn.workers.base import Worker

from feedback import work
from feedback.database import db
from feedback.logs import OneLine, request_facts
from feedback.shedding import TURNED_AWAY

# Threads wait for the database together; two processes use two cores (docs/running.md).
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 8
preload_app = True
# Workers say here that they live, and a disk that is busy must not make them look dead.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
# Who stands at the door is told when to come back; who finds no room there is told nothing.
backlog = 2048
# Whatever leaks, leaks for a few thousand requests; the jitter keeps workers from ending together.
max_requests, max_requests_jitter = 4000, 1000
# Everything must have ended ten seconds after SIGTERM.
graceful_timeout = 8
# gunicorn would open a socket in the home folder through which it takes orders.
control_socket_disable = True
accesslog = errorlog = "-"


class ServerLog(Logger):  # type: ignore[misc]
    """Gunicorn's own log, written by our rules: no tokens, no query strings, one line each."""

    def setup(self, cfg: Any) -> None:
        """Let both logs write our lines."""
        super().setup(cfg)
        for log in (self.error_log, self.access_log):
            for handler in log.handlers:
                handler.setFormatter(OneLine(getattr(handler, "stream", None)))
        logging.captureWarnings(True)

    def access(self, resp: Any, req: Any, environ: dict[str, Any], request_time: Any) -> None:
        """Write down one request."""
        status = int(str(resp.status).split()[0])
        facts = request_facts(
            environ,
            uri=str(getattr(req, "uri", "")),
            status=status,
            # Files go out past gunicorn's counting.
            size=getattr(resp, "sent", 0) or getattr(resp, "response_length", 0) or 0,
            seconds=request_time.total_seconds(),
        )
        # Probes ask every few seconds, and all is well; only the other answers are news.
        if not (status == 200 and facts["path"] in ("/healthz", "/readyz", "/metrics")):
            self.access_log.info("", extra={"facts": facts})


logger_class = ServerLog


def when_ready(server: Arbiter) -> None:
    """Let Ctrl-C, and the terminal being closed, end the site as gently as SIGTERM does."""

    def end_gently(number: int, frame: FrameType | None) -> None:
        # Whoever presses Ctrl-C again does not want to wait.
        signal.signal(signal.SIGINT, server.signal)
        server.signal(signal.SIGTERM, frame)

    signal.signal(signal.SIGINT, end_gently)
    if sys.stdin is not None and sys.stdin.isatty():
        signal.signal(signal.SIGHUP, end_gently)


def post_fork(server: Arbiter, worker: Worker) -> None:
    """Leave the parent's database connections to the parent."""
    app = server.app.wsgi()
    if isinstance(app, Flask):
        with app.app_context():
            db.engine.dispose(close=False)


def post_worker_init(worker: Worker) -> None:
    """Start doing due work inside this process, and stop that the moment we are told to end."""
    if not isinstance(worker.wsgi, Flask):
        return
    # How many stand there says who is to be turned away before they are let in.
    worker.wsgi.extensions["shedding"].doors = list(worker.sockets)
    worker.embedded = embedded = work.start_embedded(worker.wsgi)

    def end_gently(number: int, frame: FrameType | None) -> None:
        if embedded is not None:
            embedded.ask_to_stop()
        worker.handle_exit(number, frame)

    def end_more_gently(number: int, frame: FrameType | None) -> None:
        # A terminal sends Ctrl-C to every process of the site; the first one means SIGTERM.
        signal.signal(signal.SIGINT, worker.handle_quit)
        end_gently(number, frame)

    signal.signal(signal.SIGTERM, end_gently)
    signal.signal(signal.SIGINT, end_more_gently)
    signal.siginterrupt(signal.SIGTERM, False)


def post_request(worker: Worker, request: Any, environ: dict[str, Any], response: Any) -> None:
    """Count only what was done: just when too many come, nobody is to be missed for recycling."""
    if TURNED_AWAY in environ:
        worker.nr -= 1


def worker_exit(server: Arbiter, worker: Worker) -> None:
    """Wait for the message in hand, then leave at once."""
    embedded = getattr(worker, "embedded", None)
    if embedded is not None:
        embedded.stop(within=graceful_timeout)
    # One that could not start must end with gunicorn's own status, which stops the others as well.
    if worker.booted and isinstance(worker.wsgi, Flask):
        with worker.wsgi.app_context():
            db.engine.dispose()
        logging.shutdown()
        # All is done. Taking the interpreter apart, object by object, would only use up what is
        # left of the ten seconds on a busy machine.
        os._exit(0)

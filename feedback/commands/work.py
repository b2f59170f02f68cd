"""`flask work`: issues, reminds, sends and rolls up what is due."""

import json
import signal
import sys
import threading
import time
from dataclasses import asdict
from datetime import datetime
from types import FrameType

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from flask_babel import gettext as _

from feedback.commands.moment import Moment
from feedback.database import db, reading
from feedback.pauses import open_pause
from feedback.work import Round, work_until, work_until_idle, worker_name

_LAST_SECONDS = 8.0


@click.command("work")
@click.option("--once", is_flag=True, help="Do all that is due, then end.")
@click.option("--now", "moment", type=Moment(), help="Stand-in for the clock, to try things out.")
@click.option("--workers", type=click.IntRange(1, 32), default=1, help="How many at once.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@with_appcontext
def work(once: bool, moment: datetime | None, workers: int, form: str) -> None:
    """Issue what is due, remind the silent, send mail, add up."""
    if moment is not None and current_app.config["LIVE"]:
        raise click.UsageError(_("--now is refused on a live site (FEEDBACK_LIVE=1)."))
    if moment is not None and not once:
        raise click.UsageError(_("--now goes with --once, since that clock stands still."))
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    if (since := _paused_since()) is not None:
        said = since.isoformat(timespec="seconds")
        click.echo(_("Paused since %(moment)s: `flask resume` goes on.", moment=said), err=True)
    if once:
        report(_once(app, moment, workers), form)
    else:
        _until_stopped(app, workers)


def _paused_since() -> datetime | None:
    with reading():
        pause = open_pause(db.session())
        since = pause.paused_at if pause is not None else None
        db.session.rollback()
    return since


def report(done: Round, form: str) -> None:
    """Print what was done."""
    if form == "json":
        click.echo(json.dumps(asdict(done)))
        return
    click.echo(
        _(
            "%(issued)s issued, %(withheld)s withheld, %(reminded)s reminded, %(sent)s sent,"
            " %(failed)s failed, %(days)s days rolled up",
            issued=done.issued,
            withheld=done.withheld,
            reminded=done.reminded,
            sent=done.sent,
            failed=done.failed,
            days=done.rolled_up_days,
        )
    )


def _once(app: Flask, now: datetime | None, workers: int) -> Round:
    total, lock = Round(), threading.Lock()

    def work_and_add() -> None:
        done = work_until_idle(app, now=now, worker=worker_name())
        with lock:
            total.add(done)

    threads = [threading.Thread(target=work_and_add) for _number in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return total


def _until_stopped(app: Flask, workers: int) -> None:
    stopping = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    click.echo(_("Working until stopped (Ctrl-C)."), err=True)
    threads = [
        # Each asks for its name itself, since the name tells the threads apart.
        threading.Thread(target=lambda: work_until(app, stopping, worker_name()), daemon=True)
        for _number in range(workers)
    ]
    for thread in threads:
        thread.start()
    stopping.wait()
    # A message in hand is finished, but no mail server keeps us from stopping: what it has not
    # answered by then is taken up again as any message is whose worker died.
    end = time.monotonic() + _LAST_SECONDS
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
    sys.exit(0)


COMMANDS: tuple[click.Command, ...] = (work,)

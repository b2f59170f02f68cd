"""Workers that can be killed by the hundred: the product is loaded once, and each worker a fork.

`python -m bench.faults.nest BUG` reads one line of JSON for each worker and answers with its
process id, or waits for one and answers with how it ended.
"""

import json
import os
import signal
import sys
import threading
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import Any

from flask import Flask

from bench.faults.planted import plant
from feedback import work
from feedback.database import db
from feedback.invitations.unwanted import why_unwanted
from feedback.outbox import deliver

_OURS = (f"{Path(deliver.__file__).parent}{os.sep}", f"{os.sep}smtplib.py")


def die_at(point: int) -> None:
    """Kill this process at the so-manieth line of delivery that is run."""
    left = point

    def line(frame: FrameType, event: str, argument: object) -> Any:
        nonlocal left
        if event == "line":
            left -= 1
            if left <= 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return line

    def call(frame: FrameType, event: str, argument: object) -> Any:
        path = frame.f_code.co_filename
        return line if path.startswith(_OURS[0]) or path.endswith(_OURS[1]) else None

    threading.settrace(call)
    sys.settrace(call)


def run(app: Flask, order: dict[str, Any]) -> None:
    """Do what a worker does, at a moment that stands for now."""
    now = datetime.fromisoformat(order["now"])
    if order.get("die_at"):
        die_at(order["die_at"])
    if order.get("only_mail"):
        step, answer = order.get("patience", (15, 60))
        deliver.deliver_waiting(
            app,
            now=now,
            worker=work.worker_name(),
            unwanted=why_unwanted,
            patience=deliver.Patience(step=step, answer=answer),
        )
    else:
        work.work_until_idle(app, now=now, worker=work.worker_name())


def main() -> None:
    """Serve orders until there are no more."""
    if len(sys.argv) > 1:
        plant(sys.argv[1])
    # Only now, so that the bug is there from the beginning.
    from wsgi import app

    with app.app_context():
        db.engine.dispose()
    print("ready", flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        if "wait" in order:
            try:
                _pid, status = os.waitpid(order["wait"], 0)
            except ChildProcessError:
                status = 0
            print(os.waitstatus_to_exitcode(status), flush=True)
            continue
        if (pid := os.fork()) == 0:
            try:
                with app.app_context():
                    db.engine.dispose(close=False)
                run(app, order)
            finally:
                os._exit(0)
        print(pid, flush=True)


if __name__ == "__main__":
    main()

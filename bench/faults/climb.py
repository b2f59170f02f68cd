"""Migrations that can be killed by the hundred: the product is loaded once, and each run a fork.

`python -m bench.faults.climb` reads one line of JSON for each run and answers with how it ended and
how many points it passed.
"""

import ctypes
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask_migrate import upgrade

from bench.faults.databases import open_app
from feedback.database import db


class Planned(Exception):
    """A migration that fails, as one may on other people's rows."""


def at_statement(point: int, how: str) -> None:
    """Die, or fail, before the so-manieth statement."""
    passed = 0

    def before(*given: Any) -> None:
        nonlocal passed
        passed += 1
        if passed == point:
            if how == "fail":
                raise Planned(f"statement {point}")
            os.kill(os.getpid(), signal.SIGKILL)

    sa.event.listen(sa.Engine, "before_cursor_execute", before)


def commit_each() -> None:
    """Commit after every statement: what a migration is that is not one transaction."""

    def after(connection: sa.Connection, *given: Any) -> None:
        raw = connection.connection.driver_connection
        assert raw is not None
        if connection.dialect.name == "sqlite":
            if raw.in_transaction:
                raw.execute("COMMIT")
                raw.execute("BEGIN IMMEDIATE")
        else:
            raw.commit()

    sa.event.listen(sa.Engine, "after_cursor_execute", after)


def climb(app: Flask, order: dict[str, Any]) -> int:
    """Upgrade as ordered; return how many writing calls that took."""
    killer = ctypes.CDLL(None) if os.environ.get("LD_PRELOAD") else None
    if order["planted"]:
        commit_each()
    if order["how"] in ("kill", "fail"):
        at_statement(order["point"], order["how"])
    statements = 0

    def count(*given: Any) -> None:
        nonlocal statements
        statements += 1

    sa.event.listen(sa.Engine, "before_cursor_execute", count)
    if killer is not None:
        killer.killer_arm(ctypes.c_long(order["point"] if order["how"] == "write" else 0))
    with app.app_context():
        upgrade(revision=order.get("revision", "head"))
        db.engine.dispose()
    return statements if killer is None else (int(killer.killer_seen()) << 20) | statements


def main() -> None:
    """Serve orders until there are no more."""
    apps: dict[str, Flask] = {}
    print("ready", flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        url = order["url"]
        if url not in apps:
            apps[url] = open_app(url, Path(order["folder"]))
        reader, writer = os.pipe()
        if (pid := os.fork()) == 0:
            status = 1
            try:
                passed = climb(apps[url], order)
                os.write(writer, str(passed).encode())
                status = 0
            finally:
                os._exit(status)
        os.close(writer)
        passed_text = os.read(reader, 100).decode() or "0"
        os.close(reader)
        _pid, ended = os.waitpid(pid, 0)
        answer = {"status": os.waitstatus_to_exitcode(ended), "passed": int(passed_text)}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()

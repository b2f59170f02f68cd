"""A PostgreSQL server for the tests, and how each of them gets a database as if it were new."""

import os
import shutil
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

TEMPLATE = "template_afterword"
# Not durable, since the tests throw it away; `flask check` still has to see it wait for commits.
OPTIONS = "-c fsync=off -c full_page_writes=off"
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
# Every column of tables and indexes, every constraint, and every trigger with its state.
SHAPE = """
    SELECT md5(string_agg(line, E'\n' ORDER BY line)) FROM (
        SELECT concat_ws(' ', relname, relkind, attnum, attname, atttypid, attnotnull)
          FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
         WHERE relnamespace = 'public'::regnamespace AND attnum > 0
        UNION ALL
        SELECT concat_ws(' ', conname, contype, relname)
          FROM pg_constraint LEFT JOIN pg_class ON pg_class.oid = conrelid
         WHERE connamespace = 'public'::regnamespace
        UNION ALL
        SELECT concat_ws(' ', tgname, tgenabled, relname)
          FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
         WHERE relnamespace = 'public'::regnamespace AND NOT tgisinternal
    ) AS lines (line)
"""


class Postgres:
    """A PostgreSQL server the tests start themselves, empty and on a free port."""

    def __init__(self, folder: Path) -> None:
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
        self.bin = found[-1].parent if found else None
        if self.bin is None and (path := shutil.which("initdb")):
            self.bin = Path(path).resolve().parent
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.shape = self.putting_back = ""
        self.own: psycopg.Connection[Any] | None = None

    def _run(self, *command: str) -> None:
        # PostgreSQL refuses to run as root, which is what CI is.
        prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        subprocess.run([*prefix, *command], check=True, capture_output=True, cwd="/tmp")  # noqa: S108

    def start(self) -> None:
        """Make a cluster and start it."""
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres")
        data = str(self.folder / "data")
        self._run(
            f"{self.bin}/initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8",
            "--locale=C.UTF-8", "--no-sync",
        )  # fmt: skip
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -k {self.folder} {OPTIONS}"
        self._run(
            f"{self.bin}/pg_ctl", "-D", data, "-w", "-o", options, "-l",
            str(self.folder / "log"), "start",
        )  # fmt: skip

    def stop(self) -> None:
        if self.own is not None:
            self.own.close()
        self._run(f"{self.bin}/pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "stop")

    def url(self, name: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{name}"

    def execute(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[call-overload]

    def make_template(self, migrate: Callable[[str, Path], None]) -> None:
        """Make the database the others are copied from, and note how to get back to its rows."""
        self.execute(f"CREATE DATABASE {TEMPLATE}")
        migrate(self.url(TEMPLATE), self.folder / "instance")
        with psycopg.connect(self.url(TEMPLATE), autocommit=True) as connection:
            (self.shape,) = connection.execute(SHAPE).fetchone() or ("",)
            tables = [table for (table,) in connection.execute(TABLES)]
            named = ", ".join(f'public."{table}"' for table in tables)
            # The rows refer to one another; all of them are put in before anybody looks. And the
            # audit log lets itself be emptied only by whoever may pass over its triggers.
            steps = [
                "SET LOCAL session_replication_role = replica",
                f"TRUNCATE {named} RESTART IDENTITY CASCADE",
            ]
            connection.execute("CREATE SCHEMA first")
            for table in tables:
                if connection.execute(f'SELECT FROM public."{table}" LIMIT 1').rowcount:
                    kept = f'first."{table}"'
                    connection.execute(f'CREATE TABLE {kept} AS TABLE public."{table}"')
                    steps.append(f'INSERT INTO public."{table}" TABLE {kept}')
                    steps += _numbering(connection, table)
            self.putting_back = "; ".join(steps)

    def fresh(self) -> str:
        """Return a database of this process as it was right after the migrations."""
        name = f"t{os.getpid()}"
        if not self._is_put_back():
            if self.own is not None:
                self.own.close()
            self.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            self.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
            self.own = psycopg.connect(self.url(name), autocommit=True, prepare_threshold=None)
        return self.url(name)

    def _is_put_back(self) -> bool:
        """Empty the database and put the first rows in, if its tables are still the template's.

        That takes a fraction of the time a new database does, and most tests want one.
        """
        if self.own is None:
            return False
        try:
            # What an earlier test left open would make this one wait.
            self.own.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            if self.own.execute(SHAPE).fetchone() != (self.shape,):
                return False
            with self.own.transaction():
                self.own.execute(self.putting_back)  # type: ignore[call-overload]
        except psycopg.OperationalError:
            return False
        return True


def _numbering(connection: psycopg.Connection[Any], table: str) -> list[str]:
    """Return the statement that lets new rows follow the first ones, where they are numbered."""
    found = connection.execute(
        "SELECT pg_get_serial_sequence(%s, column_name) FROM information_schema.columns"
        " WHERE table_schema = 'public' AND table_name = %s AND column_name = 'id'",
        (f'public."{table}"', table),
    ).fetchone()
    if not found or not found[0]:
        return []
    return [f"SELECT setval('{found[0]}', max(id)) FROM public.\"{table}\""]

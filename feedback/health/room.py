"""How much room the database takes."""

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session


def database_size(session: Session) -> int | None:
    """Return how many bytes the database takes on disk, or None where it has none."""
    bind = session.get_bind()
    if bind.dialect.name == "postgresql":
        return session.scalar(sa.select(sa.func.pg_database_size(sa.func.current_database())))
    name = bind.engine.url.database
    if not name:
        return None
    files = (Path(f"{name}{end}") for end in ("", "-wal"))
    return sum(file.stat().st_size for file in files if file.exists())

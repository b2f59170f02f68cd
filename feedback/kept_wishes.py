"""Carries over a restore whom not to write to: what people wished since is no backup's to undo.

Only digests of addresses are carried, by the same key; another installation's say nothing here.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback import tables

# The stronger reason stays: who is erased is never written to, and a wish goes before a bounce.
_STRENGTH = ("refused", "hard_bounce", "complaint", "paused", "unsubscribed", "erased")
_SILENT = tables.metadata.tables["suppression"]
_KINDS = tables.metadata.tables["kind_suppression"]

Rows = dict[str, list[dict[str, Any]]]


def wishes_of_now(session: Session) -> Rows:
    """Return whom the database as it is now says not to write to."""
    return {
        table.name: [dict(row) for row in session.execute(sa.select(table)).mappings()]
        for table in (_SILENT, _KINDS)
    }


def keep_wishes(session: Session, rows: Rows) -> None:
    """Put in force again what the restored database does not say as strongly."""
    known = dict(session.execute(sa.select(_SILENT.c.address_digest, _SILENT.c.reason)).all())
    for row in rows[_SILENT.name]:
        digest = row["address_digest"]
        if digest not in known:
            session.execute(sa.insert(_SILENT).values(row))
        elif _STRENGTH.index(row["reason"]) > _STRENGTH.index(known[digest]):
            stronger = sa.update(_SILENT).where(_SILENT.c.address_digest == digest)
            session.execute(stronger.values(row))
    channels = {id_ for (id_,) in session.execute(sa.text("SELECT id FROM channel"))}
    places = sa.select(_KINDS.c.address_digest, _KINDS.c.channel_id)
    there = {tuple(row) for row in session.execute(places)}
    for row in rows[_KINDS.name]:
        place = row["address_digest"], row["channel_id"]
        if place not in there and row["channel_id"] in channels:
            session.execute(sa.insert(_KINDS).values(row))

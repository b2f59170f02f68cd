"""The audit log: what was done, by whom, to what; each entry chained to the one before it.

An entry is written in the transaction of what it tells of: both are kept, or neither.
"""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.accounts.models import AuditEntry, AuditHead
from feedback.links import keys_for

# What the first entry follows.
GENESIS = "0" * 64
FORM = "afterword-audit/1"
PURPOSE = "audit"
_ROOM = 254


@dataclass(frozen=True)
class Actor:
    """Who did something: "user", "key", "command", "worker" or "nobody", and what they are called.

    A user's or key's number says which; the name is what they were called then.
    """

    kind: str
    name: str
    id: int | None = None


@dataclass(frozen=True)
class About:
    """What something was done to: its kind, its number or key, and what it was called then."""

    kind: str
    id: int | str = ""
    name: str = ""


def note(
    session: Session,
    now: datetime,
    actor: Actor,
    action: str,
    about: About,
    details: Mapping[str, Any] | None = None,
) -> int:
    """Add an entry in the caller's transaction and return its number.

    To be called last before the commit: from here to there nobody else can add an entry. The
    details are what changed, never a secret and never words of a customer. Raises TypeError for
    details that are no JSON.
    """
    # Two who write at once take turns here, so that numbers have no gap and the chain no fork.
    head = session.execute(
        sa.select(AuditHead.number, AuditHead.hash).where(AuditHead.id == 1).with_for_update()
    ).one()
    row = {
        "number": head.number + 1,
        "at": now,
        "actor_kind": actor.kind,
        "actor_id": actor.id,
        "actor_name": _plain(actor.name) or actor.kind,
        "action": action,
        "about_kind": about.kind,
        "about_id": _plain(str(about.id))[:200],
        "about_name": _plain(about.name),
        "details": written(details or {}),
        "previous": head.hash,
    }
    row["hash"] = digest(row)
    row["seal"] = seal(row["hash"], keys_for(PURPOSE)[0])
    session.execute(sa.insert(AuditEntry), [row])
    session.execute(
        sa.update(AuditHead)
        .where(AuditHead.id == 1)
        .values(number=row["number"], hash=row["hash"])
        .execution_options(synchronize_session=False)
    )
    return int(row["number"])


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return what differs, by name: what was there before, and what is there after."""
    return {
        name: {"before": before.get(name), "after": after.get(name)}
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    }


def written(details: Mapping[str, Any]) -> str:
    """Return details as an entry keeps them: JSON with sorted names and no spaces."""
    # What a shell passes on may be no text; the database would refuse it, and all with it.
    return _json(details).encode("utf-8", "replace").decode()


def digest(row: Mapping[str, Any]) -> str:
    """Return the hash of an entry: SHA-256 over its canonical form, which `docs/audit.md` gives."""
    content = [
        FORM,
        row["previous"],
        row["number"],
        row["at"].astimezone(UTC).isoformat(timespec="microseconds"),
        row["actor_kind"],
        row["actor_id"],
        row["actor_name"],
        row["action"],
        row["about_kind"],
        row["about_id"],
        row["about_name"],
        row["details"],
    ]
    return sha256(_json(content).encode()).hexdigest()


def seal(entry_hash: str, key: bytes) -> str:
    """Return the hash under a key: who has only the database cannot make it."""
    return hmac.digest(key, entry_hash.encode(), "sha256").hex()


def _json(content: object) -> str:
    return json.dumps(
        content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_iso
    )


def _iso(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} does not go into the audit log")


def _plain(text: str) -> str:
    # PostgreSQL keeps no NUL, and half a pair of surrogates is not text at all.
    return "".join(character for character in text if character.isprintable())[:_ROOM]

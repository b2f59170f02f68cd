"""Takes names and details out of entries of the audit log, without breaking its chain.

An entry keeps the hash of what it said, so the chain stays whole; what it says since is sealed
under the key that is not in the database. Nothing can be put in the place of what is taken out.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.accounts import audit
from feedback.accounts.models import AuditEntry
from feedback.links import keys_for

ACTOR, ABOUT, DETAILS = "actor_name", "about_name", "details"
# What stands in the place of each; the database lets nothing else stand there.
BLANKS = {ACTOR: "–", ABOUT: "", DETAILS: "{}"}
_COLUMNS = tuple(AuditEntry.__table__.columns)


def redact(session: Session, numbers: Iterable[int], what: Collection[str], now: datetime) -> int:
    """Take these parts out of the entries; return how many had any of them. The caller commits."""
    query = sa.select(*_COLUMNS).where(AuditEntry.number.in_(list(numbers)))
    done = 0
    for row in session.execute(query.order_by(AuditEntry.number)).mappings().all():
        blank = {name: BLANKS[name] for name in what if row[name] != BLANKS[name]}
        if not blank:
            continue
        seal = redaction_seal({**row, **blank}, keys_for(audit.PURPOSE)[0])
        session.execute(
            sa.update(AuditEntry)
            .where(AuditEntry.number == row["number"])
            .values(**blank, redacted_at=now, redaction_seal=seal)
            .execution_options(synchronize_session=False)
        )
        done += 1
    return done


def redaction_seal(row: Any, key: bytes) -> str:
    """Return the seal of what an entry says after something was taken out of it."""
    return audit.seal(f"redacted {row['hash']} {audit.digest(row)}", key)

"""Erases somebody who has left and says so in the log, in one transaction."""

from datetime import datetime

from sqlalchemy.orm import Session

from feedback.accounts.acting import note_done
from feedback.accounts.audit import About
from feedback.retention.people.colleague import Colleague
from feedback.retention.people.erase_colleague import Gone, erase_colleague


def erase_and_note(session: Session, who: Colleague, now: datetime) -> Gone:
    """Erase somebody and note it; what was erased before leaves no second entry.

    The caller commits. Raises NotPossible while they are here or answer for something.
    """
    row = who.member or who.user
    if row is None or who.is_erased:
        return erase_colleague(session, who, now)
    about = About("staff" if row is who.member else "user", row.id)
    gone = erase_colleague(session, who, now)
    note_done("staff.erased", about, gone.counts())
    return gone

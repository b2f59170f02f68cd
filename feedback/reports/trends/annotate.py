"""Notes what happened on a day, and withdraws a note."""

from datetime import date, datetime

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from feedback.accounts.models import User
from feedback.accounts.people import NotPossible
from feedback.reports.models import Annotation
from feedback.touchpoints.set_target import MAY_SET
from feedback.touchpoints.targets import SUBJECTS

LONGEST = 200


def annotate(
    session: Session,
    *,
    day: date,
    text: str,
    breaks: bool,
    subject: str,
    subject_id: int,
    by: User,
    now: datetime,
) -> Annotation:
    """Note what happened on a day of the organisation's; `breaks` starts a new baseline there.

    Raises NotPossible. Adds and flushes; the caller commits.
    """
    _may(by)
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if not text:
        raise NotPossible("text", _("This is needed."))
    if len(text) > LONGEST:
        raise NotPossible("text", _("At most %(length)s characters.", length=LONGEST))
    if subject not in SUBJECTS:
        raise NotPossible("about", _("Nothing is noted about one person here."))
    note = Annotation(
        day=day,
        text=text,
        breaks=breaks,
        subject=subject,
        subject_id=subject_id if subject != "all" else 0,
        made_at=now,
        made_by_id=by.id,
    )
    session.add(note)
    session.flush()
    return note


def said_of(note: Annotation) -> dict[str, object]:
    """Return what a note says, for the log of what was done."""
    names = ("day", "text", "breaks", "subject", "subject_id")
    return {name: getattr(note, name) for name in names}


def withdraw(session: Session, annotation_id: int, *, by: User, now: datetime) -> None:
    """Take a note off the charts; it stays in the list, with who withdrew it and when."""
    _may(by)
    done = session.execute(
        sa.update(Annotation)
        .where(Annotation.id == annotation_id, Annotation.withdrawn_at.is_(None))
        .values(withdrawn_at=now, withdrawn_by_id=by.id)
        .returning(Annotation.id)
    ).scalar()
    if done is None:
        raise NotPossible("by", _("It is withdrawn already."))


def _may(by: User) -> None:
    if by.role not in MAY_SET or by.left_at is not None:
        raise NotPossible("by", _("Only managers and administrators annotate."))

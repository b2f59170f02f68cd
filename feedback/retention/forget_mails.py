"""Blanks the mails to somebody, calls off those that wait, and sees that no others follow."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.integrations.models import IdempotentCall
from feedback.interactions.contacts import address_digest
from feedback.invitations.eligibility import ERASED
from feedback.invitations.models import Invitation
from feedback.outbox.models import TO_CUSTOMERS, Bounce, KindSuppression, MailLanguage, Message
from feedback.outbox.suppress import suppress
from feedback.retention.chunks import chunks

_OPEN = sa.and_(
    Message.sent_at.is_(None), Message.failed_at.is_(None), Message.cancelled_at.is_(None)
)


def silence(
    session: Session,
    addresses: Iterable[str],
    invitations: Sequence[Invitation],
    key: str,
    now: datetime,
) -> None:
    """Let nobody write to these addresses again; of their owner's wishes only this one is kept."""
    digests = {address_digest(address, key) for address in addresses}
    # What an older key made of an address stands for it as well.
    digests |= {one.address_digest for one in invitations if one.address_digest}
    for digest in sorted(digests):
        suppress(session, digest, ERASED, now)
    for table in (KindSuppression, MailLanguage):
        session.execute(sa.delete(table).where(table.address_digest.in_(digests)))


def blank_mails(
    session: Session, addresses: Iterable[str], invitations: Sequence[Invitation], now: datetime
) -> tuple[int, int]:
    """Blank every mail to somebody; return how many, and how many of them had still to go."""
    found: dict[int, bool] = {}
    for chunk in chunks(one.id for one in invitations):
        found |= _mails(session, Message.token_for.in_(chunk))
    named = {id_ for one in invitations for id_ in (one.message_id, one.reminder_id) if id_}
    for chunk in chunks(named):
        found |= _mails(session, Message.id.in_(chunk))
    # Who works here may be a customer, too: mails about their account are not the customer's.
    to_them = sa.func.lower(Message.recipient).in_(list(addresses))
    found |= _mails(session, to_them, Message.kind.in_(TO_CUSTOMERS))
    for chunk in chunks(found):
        session.execute(sa.delete(Bounce).where(Bounce.message_id.in_(chunk)))
        session.execute(
            sa.update(Message)
            .where(Message.id.in_(chunk))
            .values(
                recipient="",
                subject="",
                text="",
                html="",
                # The server's words may name the address they were about.
                server_reply=sa.case((_OPEN, ERASED), else_=None),
                cancelled_at=sa.case((_OPEN, now), else_=Message.cancelled_at),
            )
            .execution_options(synchronize_session=False)
        )
    return len(found), sum(found.values())


def _mails(session: Session, *which: sa.ColumnElement[bool]) -> dict[int, bool]:
    """Return the mails, and of each whether it has still to go."""
    rows = session.execute(
        sa.select(Message.id, Message.sent_at, Message.failed_at, Message.cancelled_at)
        .where(*which)
        .order_by(Message.id)
        .with_for_update()
    )
    return {id_: not any(ends) for id_, *ends in rows}


def forget_calls(session: Session, addresses: Iterable[str]) -> None:
    """Drop answers to other programs that name an address, as a refusal does.

    Such a call, come again, is carried out again, and finds what it did the first time.
    """
    for address in addresses:
        names_it = sa.func.lower(IdempotentCall.body).contains(address, autoescape=True)
        session.execute(sa.delete(IdempotentCall).where(names_it))


def remove_files(session: Session, folder: Path) -> int:
    """Remove the files of mails that are blanked; return how many.

    After the transaction is kept, and for all of them: what a crash left behind goes with the next.
    """
    files = {}
    for path in folder.glob("*.eml"):
        number = path.stem.rpartition("-")[2]
        if number.isascii() and number.isdigit():
            files[int(number)] = path
    removed = 0
    for chunk in chunks(files):
        blank = sa.select(Message.id).where(Message.id.in_(chunk), Message.recipient == "")
        for id_ in session.scalars(blank):
            files[id_].unlink(missing_ok=True)
            removed += 1
    return removed

"""Customers who were asked twice: what each said right after, and thirty days later."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy.orm import Session

from feedback.interactions.models import Interaction, StaffMember
from feedback.invitations.models import Invitation
from feedback.outbox.models import Message
from tests.conftest import START
from tests.factories import make_channel, make_interaction, make_response

# Its follow-up has had its time by START.
LONG_AGO = START - timedelta(days=60)


def invite(
    session: Session,
    interaction: Interaction,
    wave: int,
    *,
    withheld: str | None = None,
    waits: bool = False,
    mail: Mapping[str, datetime | None] = MappingProxyType({}),
    **values: Any,
) -> Invitation:
    """Have an invitation of this wave gone out, or withheld, or waiting; `mail` is what its was."""
    due_at = interaction.closed_at + timedelta(days=0 if wave == 1 else 30)
    message: Message | None = None
    if withheld is None and not waits:
        message = Message(
            kind="invitation" if wave == 1 else "follow_up",
            recipient=interaction.customer_email,
            locale="zh-Hans",
            subject="",
            text="",
            html="",
            message_id=f"<{interaction.id}.{wave}@example.cn>",
            created_at=due_at,
            send_after=due_at,
            **({"sent_at": due_at} | mail),
        )
        session.add(message)
        session.flush()
    invitation = Invitation(
        interaction_id=interaction.id,
        customer_id=interaction.customer_id,
        survey_id=wave,
        wave=wave,
        planned_at=interaction.closed_at,
        due_at=due_at,
        expires_at=due_at + timedelta(days=21),
        issued_at=due_at if message else None,
        message_id=message.id if message else None,
        withheld_at=due_at if withheld else None,
        withheld_because=withheld,
        **values,
    )
    session.add(invitation)
    session.flush()
    return invitation


def contact(
    session: Session,
    staff: StaffMember | None = None,
    *,
    channel: str = "phone",
    closed_at: datetime = LONG_AGO,
    **values: Any,
) -> Interaction:
    """Have a contact of this person."""
    if staff is not None:
        values = {"staff_id": staff.id, "team_id": staff.team_id} | values
    return make_interaction(
        session, channel_id=make_channel(session, channel).id, closed_at=closed_at, **values
    )


def twice(
    session: Session,
    staff: StaffMember | None,
    cells: Sequence[int],
    *,
    silent: Sequence[int] = (0, 0),
    **values: Any,
) -> None:
    """Let customers answer both times: good/good, good/bad, bad/good, bad/bad; and some only once.

    The `silent` were asked again: so many satisfied at first, so many not.
    """
    said: list[tuple[int, int | None]] = []
    for scores, times in zip(((5, 4), (4, 3), (2, 5), (1, 1)), cells, strict=True):
        said += [scores] * times
    for first, times in zip((5, 2), silent, strict=True):
        said += [(first, None)] * times
    for first, second in said:
        interaction = contact(session, staff, **values)
        asked = [invite(session, interaction, wave) for wave in (1, 2)]
        make_response(session, interaction, csat=first, invitation_id=asked[0].id)
        if second is not None:
            make_response(session, interaction, wave=2, csat=second, invitation_id=asked[1].id)
    session.commit()

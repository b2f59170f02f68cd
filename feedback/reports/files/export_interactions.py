"""Takes interactions out: the columns an import takes in, and what became of each, wave by wave."""

from collections.abc import Generator, Sequence
from contextlib import closing
from datetime import date, datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session, contains_eager, selectinload

from feedback.interactions import fields
from feedback.interactions.models import Interaction
from feedback.interactions.shares import write_shares
from feedback.invitations.fate import state
from feedback.invitations.models import Invitation
from feedback.reports.files.sheet import Cell, Column, Sheet
from feedback.touchpoints.models import Touchpoint

_BATCH = 1_000
_WAVES = (1, 2)
_MOMENTS = (
    "planned_at", "due_at", "issued_at", "reminded_at", "answered_at", "stopped_at", "withheld_at",
    "expires_at",
)  # fmt: skip

_MEANINGS = {
    "source": _("The system the contact comes from."),
    "external_id": _("The contact's number there."),
    "kind": _("What kind of contact it was."),
    "channel": _("The channel: phone, e-mail, chat …"),
    "status": _("The status it ended with."),
    "occurred_at": _("When it began."),
    "closed_at": _("When it ended."),
    "subject": _("What it was about."),
    "customer_external_id": _("The customer's number in that system."),
    "customer_name": _("The customer's name."),
    "customer_gender": _("The customer's gender, for the salutation."),
    "customer_email": _("The customer's e-mail address."),
    "customer_phone": _("The customer's telephone number."),
    "customer_locale": _("The customer's language."),
    "segment": _("The group of customers."),
    "staff_external_id": _("The number of the staff member who served the customer."),
    "staff_name": _("Their name."),
    "staff_email": _("Their e-mail address."),
    "team": _("Their team at the time of the contact."),
    "location": _("Where it was."),
    "product": _("The product it was about."),
    "tags": _("Its labels in that system, with semicolons between."),
    "staff_shares": _("Those who served together, each with the part agreed on beforehand."),
}
_OWN = (
    Column("id", _("The interaction's own number.")),
    Column("day", _("The day of the contact, on which figures count it.")),
    Column("touchpoint", _("The touchpoint that asks about it; empty where none does.")),
    Column("recorded_at", _("When it was reported to us.")),
    Column("out_of_order", _("Whether it ended before it began, as the source says.")),
)
_FATE = {
    "state": _(
        "What became of the invitation: scheduled, invited, answered, stopped, expired or withheld."
    ),
    "planned_at": _("When the invitation was planned."),
    "due_at": _("When it is due."),
    "issued_at": _("When it went out."),
    "reminded_at": _("When the customer was reminded."),
    "answered_at": _("When the customer answered."),
    "stopped_at": _("When the customer asked not to be written to."),
    "withheld_at": _("When it was decided not to send it."),
    "expires_at": _("Until when its link takes an answer."),
    "withheld_because": _("Why it was not sent."),
}

COLUMNS = (
    *(Column(name, _MEANINGS[name]) for name in fields.COLUMNS),
    *_OWN,
    *(Column(f"wave_{wave}_{name}", meaning) for wave in _WAVES for name, meaning in _FATE.items()),
)


def export_interactions(
    session: Session, *, start: date | None, end: date | None, now: datetime
) -> Sheet:
    """Return the interactions of these days, both included, oldest first.

    Customers' names, addresses and telephone numbers are among the columns.
    """
    of_days = []
    if start is not None:
        of_days.append(Interaction.day >= start)
    if end is not None:
        of_days.append(Interaction.day <= end)
    size = session.scalar(sa.select(sa.func.count()).select_from(Interaction).where(*of_days))
    return Sheet("interactions", COLUMNS, _rows(session, of_days, now), size or 0)


def _rows(
    session: Session, of_days: Sequence[sa.ColumnElement[bool]], now: datetime
) -> Generator[Sequence[Cell]]:
    touchpoints = {t.id: t.key for t in session.scalars(sa.select(Touchpoint))}
    found = session.scalars(
        sa.select(Interaction)
        .join(Interaction.channel)
        .join(Interaction.customer)
        .outerjoin(Interaction.staff)
        .outerjoin(Interaction.team)
        .options(
            contains_eager(Interaction.channel), contains_eager(Interaction.customer),
            contains_eager(Interaction.staff), contains_eager(Interaction.team),
            selectinload(Interaction.shares),
        )
        .where(*of_days)
        .order_by(Interaction.day, Interaction.id),
        execution_options={"yield_per": _BATCH},
    )  # fmt: skip
    with closing(found):
        for batch in found.partitions():
            invitations = _invitations(session, [interaction.id for interaction in batch])
            for one in batch:
                fates = (invitations.get((one.id, wave)) for wave in _WAVES)
                yield (
                    *_reported(one), one.id, one.day, touchpoints.get(one.touchpoint_id or 0),
                    one.recorded_at, one.out_of_order,
                    *(cell for invitation in fates for cell in _fate(invitation, now)),
                )  # fmt: skip


def _reported(one: Interaction) -> tuple[Cell, ...]:
    """Return the cells in the order of `fields.COLUMNS`, as a report would bring them."""
    by_number = f"id:{one.source}:"
    key = one.customer.key
    customer_id = key.removeprefix(by_number) if key.startswith(by_number) else None
    staff, team = one.staff, one.team
    return (
        one.source, one.external_id, one.kind, one.channel.code, one.status, one.occurred_at,
        one.closed_at, one.subject, customer_id, one.customer_name, one.customer_gender,
        one.customer_email, one.customer_phone, one.customer_locale, one.segment,
        staff.external_id if staff else None, staff.name if staff else None,
        staff.email if staff else None, team.name if team else None, one.location, one.product,
        one.tags, write_shares([(s.staff.external_id, s.part) for s in one.shares]) or None,
    )  # fmt: skip


def _fate(invitation: Invitation | None, now: datetime) -> tuple[Cell, ...]:
    if invitation is None:
        return (None,) * len(_FATE)
    moments = (getattr(invitation, name) for name in _MOMENTS)
    return (state(invitation, now), *moments, invitation.withheld_because)


def _invitations(session: Session, ids: Sequence[int]) -> dict[tuple[int, int], Invitation]:
    found = session.scalars(sa.select(Invitation).where(Invitation.interaction_id.in_(ids)))
    return {(invitation.interaction_id, invitation.wave): invitation for invitation in found}

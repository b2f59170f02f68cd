"""Two contacts within a day or so: one mail stands for both, and asks about the latest."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from feedback.brands.models import Brand
from feedback.interactions.models import Interaction
from feedback.invitations.fate import fates
from feedback.invitations.issue import issue_due
from feedback.invitations.models import Invitation
from feedback.outbox.models import Message
from feedback.outbox.suppress import suppress
from feedback.work import work_until_idle
from tests.factories import make_channel, make_customer, make_user
from tests.invitations.histories import at_touchpoint
from tests.invitations.stories import report

CLOSED = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)  # A Monday, 11:00 in Shanghai.
HOUR = timedelta(hours=1)
WANG = "wang@example.cn"

Contact = Callable[..., Interaction]


@pytest.fixture
def contact(app: Flask, session: Session) -> Contact:
    """Return what reports a contact of one and the same customer, so many hours after the first.

    All of them come in together, as from a nightly file.
    """
    customer = make_customer(session).id

    def made(hours: float, channel: str = "phone", **values: Any) -> Interaction:
        return report(
            app,
            session,
            CLOSED + hours * HOUR,
            now=CLOSED + 48 * HOUR,
            **{
                "customer_id": customer,
                "customer_email": WANG,
                "channel_id": make_channel(session, channel).id,
                "customer_locale": "zh-Hans",
            }
            | values,
        )

    return made


def fate(session: Session, interaction: Interaction) -> tuple[str | None, Any]:
    session.rollback()
    found = session.scalars(
        sa.select(Invitation).where(
            Invitation.interaction_id == interaction.id, Invitation.wave == 1
        )
    ).one()
    into = found.merged_into.interaction_id if found.merged_into else None
    because, is_issued = found.withheld_because, found.issued_at is not None
    session.rollback()
    assert is_issued == (because is None)
    return because, into


def test_one_mail_stands_for_both_and_asks_about_the_later(
    app: Flask, session: Session, contact: Contact
) -> None:
    early, late = contact(0), contact(24, "chat")
    issue_due(app, now=CLOSED + 48 * HOUR)
    assert fate(session, early) == ("merged", late.id)
    assert fate(session, late) == (None, None)
    (mail,) = session.scalars(sa.select(Message)).all()
    assert "您还于6月1日（电话）与我们联系过；我们只询问一次，即最近的这次。" in mail.text
    assert "您还于6月1日（电话）与我们联系过" in (mail.html or "")
    assert "chat" not in mail.text.split("联系过")[1].split("编号")[0]


def test_the_order_in_which_they_were_reported_does_not_matter(
    app: Flask, session: Session, contact: Contact
) -> None:
    late, early = contact(5), contact(0)
    issue_due(app, now=CLOSED + 48 * HOUR)
    assert fate(session, early) == ("merged", late.id)


def test_in_english_the_mail_lists_several(app: Flask, session: Session, contact: Contact) -> None:
    for hours, channel in ((0, "phone"), (3, "chat"), (9, "phone")):
        contact(hours, channel, customer_locale="en")
    issue_due(app, now=CLOSED + 48 * HOUR)
    (mail,) = session.scalars(sa.select(Message)).all()
    told = "You were also in touch with us on 1 June (Phone) and on 1 June (Chat);"
    assert told in " ".join(mail.text.split())


def test_what_is_merged_into_one_that_is_merged_itself_stands_in_the_same_mail(
    app: Flask, session: Session, contact: Contact
) -> None:
    first, middle, last = contact(0), contact(20, "chat"), contact(40)
    issue_due(app, now=CLOSED + 48 * HOUR)
    assert fate(session, first) == ("merged", middle.id)
    assert fate(session, middle) == ("merged", last.id)
    (mail,) = session.scalars(sa.select(Message)).all()
    assert "6月1日（电话）、6月2日（chat）" in mail.text


def test_more_than_a_day_apart_nothing_is_merged(
    app: Flask, session: Session, contact: Contact
) -> None:
    early, late = contact(0), contact(24.01)
    issue_due(app, now=CLOSED + 48 * HOUR)
    assert fate(session, early) == (None, None)
    assert fate(session, late) == ("recontact", None)


def test_who_was_asked_already_is_not_asked_again(
    app: Flask, session: Session, contact: Contact
) -> None:
    early = report(app, session, CLOSED, customer_email=WANG)
    issue_due(app, now=CLOSED)
    late = contact(2, customer_id=early.customer_id)
    issue_due(app, now=CLOSED + 48 * HOUR)
    assert fate(session, early) == (None, None)
    assert fate(session, late) == ("recontact", None)


def test_one_that_will_not_go_out_itself_stands_for_nothing(
    app: Flask, session: Session, contact: Contact
) -> None:
    early = contact(0)
    boss = make_user(session, "manager")
    late = contact(1)
    session.commit()
    # From the day after its mail was planned its address belongs to one of ours.
    boss.email = "late@example.cn"
    session.execute(
        sa.update(Interaction)
        .where(Interaction.id == late.id)
        .values(customer_email="late@example.cn")
    )
    session.commit()
    issue_due(app, now=CLOSED + 48 * HOUR)
    assert fate(session, early) == (None, None)
    assert fate(session, late)[0] in ("own_staff", "recontact")


def test_a_family_with_one_mailbox_is_not_told_of_each_other(
    app: Flask, session: Session, contact: Contact
) -> None:
    early = contact(0, customer_id=make_customer(session).id)
    late = contact(1)
    issue_due(app, now=CLOSED + 48 * HOUR)
    assert fate(session, early) == (None, None)
    assert fate(session, late) == ("recontact", None)
    (mail,) = session.scalars(sa.select(Message)).all()
    assert "联系过；" not in mail.text


def test_who_stopped_us_is_told_as_such_and_not_as_merged(
    app: Flask, session: Session, contact: Contact
) -> None:
    early, late = contact(0), contact(1)
    digest = session.scalars(sa.select(Invitation.address_digest).limit(1)).one()
    suppress(session, digest or "", "unsubscribed", CLOSED)
    session.commit()
    issue_due(app, now=CLOSED + 48 * HOUR)
    assert {fate(session, one)[0] for one in (early, late)} == {"suppressed"}


def test_a_later_mail_that_is_days_away_is_not_waited_for(
    app: Flask, session: Session, contact: Contact
) -> None:
    at_touchpoint(session, "chat", delay_minutes=5 * 1440)
    early, late = contact(0), contact(1, "chat")
    issue_due(app, now=CLOSED + 48 * HOUR)
    assert fate(session, early) == (None, None)
    issue_due(app, now=CLOSED + 10 * 24 * HOUR)
    assert fate(session, late) == ("recontact", None)


def test_a_merged_contact_is_not_followed_up_and_the_other_is(
    app: Flask, session: Session, contact: Contact
) -> None:
    early, late = contact(0), contact(1)
    work_until_idle(app, now=CLOSED + 48 * HOUR, worker="w")
    work_until_idle(app, now=CLOSED + 40 * 24 * HOUR, worker="w")
    followed = session.scalars(
        sa.select(Invitation.interaction_id).where(
            Invitation.wave == 2, Invitation.issued_at.is_not(None)
        )
    ).all()
    assert followed == [late.id]
    again = sa.select(Invitation.withheld_because).where(
        Invitation.interaction_id == early.id, Invitation.wave == 2
    )
    assert session.scalars(again).one() == "first_wave_withheld"


def test_programs_are_told_which_contact_it_was_merged_into(
    app: Flask, session: Session, contact: Contact
) -> None:
    early, late = contact(0), contact(1)
    issue_due(app, now=CLOSED + 48 * HOUR)
    session.rollback()
    first = fates(session, session.get_one(Interaction, early.id), CLOSED + 48 * HOUR)[0]
    assert first["withheld_because"] == "merged"
    assert first["merged_into"] == {"source": late.source, "external_id": late.external_id}


def test_the_database_knows_no_merging_into_nothing(session: Session, contact: Contact) -> None:
    early, late = contact(0), contact(1)
    first = sa.select(Invitation).where(Invitation.wave == 1).order_by(Invitation.id)
    one, other = session.scalars(first).all()
    assert {one.interaction_id, other.interaction_id} == {early.id, late.id}
    for values in (
        {"withheld_at": CLOSED, "withheld_because": "merged"},
        {"withheld_at": CLOSED, "withheld_because": "recontact", "merged_into_id": other.id},
        {"withheld_at": CLOSED, "withheld_because": "merged", "merged_into_id": one.id},
        {"merged_into_id": other.id},
    ):
        with pytest.raises(IntegrityError):
            session.execute(sa.update(Invitation).where(Invitation.id == one.id).values(**values))
        session.rollback()


def test_one_brands_mail_tells_nothing_of_another_brands_contact(
    app: Flask, session: Session, contact: Contact
) -> None:
    other = Brand(
        name_en="Night Owl",
        name_zh="夜枭",
        contact="care@owl.example",
        sender_address="care@owl.example",
        created_at=CLOSED,
    )
    session.add(other)
    session.flush()
    at_touchpoint(session, "chat", brand_id=other.id)
    early, late = contact(0, "chat"), contact(1)
    issue_due(app, now=CLOSED + 48 * HOUR)
    assert fate(session, early) == (None, None)
    assert fate(session, late) == ("recontact", None)

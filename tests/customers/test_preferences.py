"""What customers want from us: shown masked, changed by a button, and in force at once."""

from datetime import UTC, datetime, timedelta
from email import policy
from email.parser import BytesParser
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from feedback.invitations.issue import issue_due
from feedback.invitations.models import Invitation
from feedback.links import page_nonce, survey_token
from feedback.outbox.models import KindSuppression, MailLanguage, Message, Suppression
from feedback.outbox.suppress import suppress
from feedback.work import one_round
from tests.conftest import START, Time
from tests.customers.stories import ADDRESS, asked, contact, preferences, press
from tests.factories import make_channel
from tests.invitations.stories import report
from tests.responses.stories import (
    checked,
    count,
    hidden,
    invited,
    link,
    looking,
    make_message,
    stored,
)

EVERY_CHANGE = {"asking": "stop", "language": "en"}


def reasons(session: Session) -> set[tuple[str, datetime | None]]:
    with looking(session) as own:
        return {(row.reason, row.until) for row in own.scalars(sa.select(Suppression))}


def withheld(session: Session) -> dict[int, str | None]:
    with looking(session) as own:
        rows = own.execute(
            sa.select(Invitation.interaction_id, Invitation.withheld_because).where(
                Invitation.wave == 1
            )
        )
        return dict(rows.all())


def phone(session: Session) -> str:
    number = make_channel(session, "phone").id
    session.commit()
    return str(number)


def test_the_page_shows_what_is_in_force_and_no_more_of_the_address(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    invitation = asked(app, session)
    page = client.get(preferences(app, invitation))
    assert page.status_code == 200
    assert "chen***@example.cn" in page.text
    for secret in (ADDRESS, "chenjie", "陈洁", "浴室漏水", "+8613800001111"):
        assert secret not in page.text
    assert checked(page.text) == {("asking", "ask"), ("kind", phone(session)), ("language", "zh")}
    assert "Set-Cookie" not in page.headers
    assert reasons(session) == set()


def test_no_channel_is_shown_on_which_somebody_else_may_have_met_us(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    chat = make_channel(session, "chat")
    asked(app, session, interaction=contact(session, channel_id=chat.id))
    page = client.get(preferences(app, asked(app, session))).text
    assert page.count('name="kind"') == 1


def test_a_button_that_is_only_pressed_changes_nothing(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    """A scanner that opens the page and sends its form as it stands does no harm."""
    path = preferences(app, asked(app, session))
    page = client.get(path).text
    everything = hidden(page.split("</form>")[0]) | dict(checked(page))
    assert client.post(path, data=everything).status_code == 303
    assert reasons(session) == set()
    assert count(session, KindSuppression) == count(session, MailLanguage) == 0


@pytest.mark.parametrize(
    ("asking", "expected"),
    [
        ("stop", {("unsubscribed", None)}),
        ("pause", {("paused", datetime(2027, 3, 2, 2, tzinfo=UTC))}),
    ],
)  # fmt: skip
def test_everything_is_stopped_or_paused_and_taken_back(
    app: Flask, session: Session, client: FlaskClient, time: Time,
    asking: str, expected: set[tuple[str, datetime | None]],
) -> None:  # fmt: skip
    invitation = asked(app, session)
    waiting = make_message(session, ADDRESS, sent_at=None, token_for=invitation.id)
    session.commit()
    path, kept = preferences(app, invitation), {"kind": phone(session), "language": "zh"}
    answer = press(client, path, asking=asking, **kept)
    assert (answer.status_code, answer.location) == (303, f"{path}?saved=1")
    assert reasons(session) == expected
    assert stored(session, waiting).cancelled_at == START
    page = client.get(answer.location).text
    assert ("asking", asking) in checked(page)
    assert "立即生效" in page
    press(client, path, asking="ask", **kept)
    assert reasons(session) == set()
    assert stored(session, waiting).cancelled_at is None
    assert stored(session, invitation).stopped_at is None


def test_what_was_stopped_by_another_mail_is_taken_back_too(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    one, other = asked(app, session), asked(app, session)
    client.post(f"{link(app, one)}/stop", data={"List-Unsubscribe": "One-Click"})
    press(client, preferences(app, other), asking="ask", kind=phone(session), language="zh")
    assert reasons(session) == set()
    assert stored(session, one).stopped_at is None
    assert client.get(link(app, one)).status_code == 200


def test_mails_about_one_kind_of_contact_stop_and_others_go_on(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    """Not by import, webhook or API: what comes in later is withheld with its own reason."""
    invitation = asked(app, session)
    chat = make_channel(session, "chat").id
    other = asked(app, session, interaction=contact(session, channel_id=chat))
    waiting = make_message(session, ADDRESS, sent_at=None, token_for=invitation.id)
    others = make_message(session, ADDRESS, sent_at=None, token_for=other.id)
    session.commit()
    path = preferences(app, invitation)
    press(client, path, asking="ask", language="zh")
    assert reasons(session) == set()
    assert stored(session, waiting).cancelled_at == START
    assert stored(session, others).cancelled_at is None
    # The survey this mail asked for can still be answered.
    assert client.get(link(app, invitation)).status_code == 200
    time.forward(days=40)
    about_phone = report(app, session, time.now, customer_email=ADDRESS.upper())
    about_chat = report(app, session, time.now, customer_email=ADDRESS, channel_id=chat)
    someone_elses = report(app, session, time.now)
    issue_due(app, now=time.now)
    found = withheld(session)
    assert found[about_phone.id] == "kind_stopped"
    assert found[about_chat.id] is None
    assert found[someone_elses.id] is None


def test_a_kind_that_was_stopped_is_taken_back_with_what_it_had_cancelled(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    invitation = asked(app, session)
    waiting = make_message(session, ADDRESS, sent_at=None, token_for=invitation.id)
    session.commit()
    path = preferences(app, invitation)
    press(client, path, asking="ask", language="zh")
    time.forward(minutes=1)
    page = client.get(path).text
    assert ("kind", phone(session)) not in checked(page)
    press(client, path, asking="ask", language="zh", kind=phone(session))
    assert count(session, KindSuppression) == 0
    assert stored(session, waiting).cancelled_at is None


def test_a_reminder_about_a_kind_that_was_stopped_does_not_go(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    interaction = report(app, session, START)
    one_round(app, now=START, worker="w")
    [invitation] = session.scalars(
        sa.select(Invitation).where(
            Invitation.interaction_id == interaction.id, Invitation.wave == 1
        )
    )
    session.commit()
    press(client, preferences(app, invitation), asking="ask", language="zh")
    assert one_round(app, now=time.forward(days=6), worker="w").reminded == 0


def test_a_mail_written_before_its_kind_was_stopped_is_cancelled_as_it_is_taken_up(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    """Two processes may meet: the mail is queued in the moment in which somebody stops it."""
    interaction = report(app, session, START)
    issue_due(app, now=START)
    with looking(session) as own:
        digest = own.scalars(sa.select(Invitation.address_digest)).first() or ""
    session.add(
        KindSuppression(address_digest=digest, channel_id=interaction.channel_id, created_at=START)
    )
    session.commit()
    assert one_round(app, now=START, worker="w").sent == 0
    with looking(session) as own:
        [message] = own.scalars(sa.select(Message))
    assert (message.cancelled_at, message.server_reply) == (START, "kind_stopped")


def test_the_stop_page_offers_this_kind_too(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    invitation = asked(app, session)
    answer = client.post(f"{link(app, invitation)}/stop", data={"how": "kind"})
    assert answer.status_code == 303
    assert answer.location == f"{preferences(app, invitation)}?saved=1"
    assert count(session, KindSuppression) == 1
    assert reasons(session) == set()


def test_the_language_chosen_is_that_of_pages_and_later_mails(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    invitation = asked(app, session)
    path = preferences(app, invitation)
    press(client, path, asking="ask", kind=phone(session), language="en")
    assert 'lang="en"' in client.get(path).text
    assert 'lang="en"' in client.get(link(app, invitation)).text
    time.forward(days=40)
    report(app, session, time.now, customer_email=ADDRESS, customer_locale="zh-Hans")
    issue_due(app, now=time.now)
    with looking(session) as own:
        [message] = own.scalars(sa.select(Message).where(Message.recipient == ADDRESS).where(
            Message.created_at == time.now))  # fmt: skip
    assert message.locale == "en"


@pytest.mark.parametrize("kept", ["hard_bounce", "complaint", "refused"])
def test_what_the_mail_system_says_is_told_and_never_lifted(
    app: Flask, session: Session, client: FlaskClient, time: Time, kept: str
) -> None:
    invitation = asked(app, session)
    suppress(session, invitation.address_digest or "", kept, START)
    session.commit()
    path = preferences(app, invitation)
    assert "被退回" in client.get(path).text
    for asking in ("ask", "stop", "pause"):
        press(client, path, asking=asking, kind=phone(session), language="zh")
        assert reasons(session) == {(kept, None)}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"asking": "banana", "language": "zh"}, "请选择是否愿意"),
        ({"asking": "stop", "language": "tlh"}, "请从所列语言中"),
        ({"language": "zh"}, "请选择是否愿意"),
    ],
)
def test_what_is_none_of_the_choices_is_named_and_changes_nothing(
    app: Flask, session: Session, client: FlaskClient, time: Time, given: dict[str, str], words: str
) -> None:
    answer = press(client, preferences(app, asked(app, session)), **given)
    assert answer.status_code == 422
    assert words in answer.text
    assert reasons(session) == set()
    assert count(session, KindSuppression) == count(session, MailLanguage) == 0


def test_numbers_of_other_channels_do_nothing(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    make_channel(session, "chat")
    session.commit()
    kinds = [phone(session), "99999999999999999999", "-1", "x", "٣"]
    answer = press(
        client, preferences(app, asked(app, session)), asking="ask", language="zh", kind=kinds
    )
    assert answer.status_code == 303
    assert count(session, KindSuppression) == 0


@pytest.mark.parametrize("nonce", ["none", "an undo's", "another's"])
def test_a_post_from_no_page_of_ours_changes_nothing(
    app: Flask, session: Session, client: FlaskClient, time: Time, nonce: str
) -> None:
    invitation, other = asked(app, session), invited(app, session)
    with app.app_context():
        nonces = {
            "none": "",
            "an undo's": page_nonce(invitation.id, purpose="undo", now=START),
            "another's": page_nonce(other.id, purpose="preferences", now=START),
        }
    path = preferences(app, invitation)
    answer = client.post(path, data=EVERY_CHANGE | {"nonce": nonces[nonce]})
    assert answer.status_code == 422
    assert client.post(f"{path}/key", data={"nonce": nonces[nonce]}).status_code == 422
    assert reasons(session) == set()
    assert count(session, Message) == 2


@pytest.mark.parametrize("how", ["forged", "a survey's", "cut", "doubled"])
def test_what_is_no_link_of_ours_opens_nothing_and_says_the_same(
    app: Flask, session: Session, client: FlaskClient, time: Time, how: str
) -> None:
    invitation = asked(app, session)
    path = preferences(app, invitation)
    with app.app_context():
        survey = survey_token(invitation.id)
    tried = {"forged": "/p/forged", "a survey's": f"/p/{survey}", "cut": path[:-1],
             "doubled": path + path[-1]}  # fmt: skip
    answer = client.get(tried[how])
    assert answer.status_code == 404
    assert answer.text == client.get("/s/forged").text
    token = path.removeprefix("/p/")
    assert client.get(f"/s/{token}").status_code == 404
    assert client.get(f"/my/{token}").status_code == 404


def test_every_mail_leads_there(app: Flask, session: Session, time: Time) -> None:
    """Invitation, reminder and follow-up; as text and as HTML; in both languages."""
    for locale in ("zh-Hans", "en"):
        report(app, session, START, customer_locale=locale)
    kinds = set()
    for days in (0, 6, 40):
        one_round(app, now=START + timedelta(days=days), worker="w")
    for path in Path(app.instance_path, "mail").glob("*.eml"):
        mail = BytesParser(policy=policy.default).parsebytes(path.read_bytes())
        text = mail.get_body(("plain",)).get_content()
        html = mail.get_body(("html",)).get_content()
        [address] = {word for word in text.split() if "/p/" in word}
        assert f'href="{address}"' in html
        assert "0PREFERENCES0" not in text + html
        kinds.add((mail["Message-ID"].partition(".")[0], mail["Content-Language"]))
    assert kinds == {
        (f"<{kind}", locale)
        for kind in ("invitation", "reminder", "follow_up")
        for locale in ("zh-Hans", "en")
    }

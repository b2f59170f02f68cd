"""What is held about somebody: behind a key mailed to their own address, and theirs to end."""

import json
from datetime import timedelta
from email import policy
from email.parser import BytesParser
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from feedback.accounts import audit_check
from feedback.accounts.models import AuditEntry
from feedback.brands.models import Notice
from feedback.interactions.import_rows import Fate
from feedback.invitations.models import Invitation
from feedback.links import page_nonce
from feedback.outbox.models import OWN_LINK, Message
from feedback.outbox.suppress import suppress
from feedback.responses.models import Answer, FormerAnswer, Response
from feedback.responses.record_import import ResponseTaker
from feedback.responses.stop_kind import stop_kind
from feedback.work import one_round
from tests.conftest import START, Time
from tests.customers.stories import ADDRESS, asked, contact, own, preferences, press, rated
from tests.factories import make_interaction, make_response, make_staff, make_user, sign_in
from tests.responses.stories import count, hidden, link, looking, said, stored


def keys_queued(session: Session) -> list[Message]:
    with looking(session) as looker:
        return list(looker.scalars(sa.select(Message).where(Message.kind == OWN_LINK)))


def mails(app: Flask) -> list[str]:
    found = []
    for path in sorted(Path(app.instance_path, "mail").glob("*.eml")):
        mail = BytesParser(policy=policy.default).parsebytes(path.read_bytes())
        part = mail.get_body(("plain",))
        assert part is not None
        found.append(part.get_content())
    return found


def logged(session: Session) -> list[tuple[str, str, str, str]]:
    with looking(session) as looker:
        entries = looker.scalars(sa.select(AuditEntry).order_by(AuditEntry.number)).all()
        return [(one.action, one.actor_name, one.about_id, one.details) for one in entries]


# The key


def test_the_link_in_a_mail_shows_no_answer_and_mails_a_key_to_the_address(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    """Whoever gets a mail forwarded may press the button; the key goes to its owner alone."""
    invitation, _response = rated(app, session)
    path = preferences(app, invitation)
    assert "水还在滴" not in client.get(path).text
    answer = press(client, path, form=1)
    assert (answer.status_code, answer.location) == (303, f"{path}/key")
    assert "chen***@example.cn" in client.get(answer.location).text
    [message] = keys_queued(session)
    assert (message.recipient, message.locale) == (ADDRESS, "zh-Hans")
    # No key rests in the database: it is made as the mail goes out.
    assert "/my/0OWN0" in message.text
    assert one_round(app, now=START, worker="w").sent == 1
    [text] = mails(app)
    [address] = [word for word in text.split() if "/my/" in word]
    page = client.get(address.removeprefix(app.config["PUBLIC_URL"]))
    assert page.status_code == 200
    assert "水还在滴" in page.text


def test_a_key_is_mailed_once_in_ten_minutes_however_often_it_is_asked_for(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    path = preferences(app, asked(app, session))
    for minutes, expected in ((0, 1), (1, 1), (8, 1), (2, 2)):
        time.forward(minutes=minutes)
        assert press(client, path, form=1).status_code == 303
        assert len(keys_queued(session)) == expected


def test_who_wants_no_mails_still_gets_the_key_they_ask_for(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    invitation = asked(app, session)
    client.post(f"{link(app, invitation)}/stop")
    press(client, preferences(app, invitation), form=1)
    client.post(f"{link(app, invitation)}/stop")
    assert one_round(app, now=START, worker="w").sent == 1


@pytest.mark.parametrize("why", ["hard_bounce", "complaint", "refused"])
def test_an_address_that_takes_no_mail_gets_none(
    app: Flask, session: Session, client: FlaskClient, time: Time, why: str
) -> None:
    invitation = asked(app, session)
    suppress(session, invitation.address_digest or "", why, START)
    session.commit()
    press(client, preferences(app, invitation), form=1)
    assert one_round(app, now=START, worker="w").sent == 0


def test_a_mail_that_waited_until_its_key_had_ended_does_not_go(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    press(client, preferences(app, asked(app, session)), form=1)
    assert one_round(app, now=START + timedelta(hours=2), worker="w").sent == 0
    assert keys_queued(session)[0].server_reply == "expired"


def test_a_key_opens_for_two_hours_and_then_leads_to_a_new_one(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    invitation, response = rated(app, session)
    path = own(app, invitation)
    time.forward(minutes=119)
    assert client.get(path).status_code == 200
    time.forward(minutes=1)
    for page in ("", "/everything", "/export.json", "/erase", f"/withdraw/{response.id}"):
        ended = client.get(path + page)
        assert ended.status_code == 410
        assert "水还在滴" not in ended.text
        assert preferences(app, invitation) in ended.text


@pytest.mark.parametrize("change", [lambda key: key[:-1], lambda key: "x" + key, lambda key: "x"])
def test_a_key_that_is_none_says_what_every_wrong_link_says(
    app: Flask, session: Session, client: FlaskClient, time: Time, change: object
) -> None:
    invitation, _response = rated(app, session)
    key = own(app, invitation).removeprefix("/my/")
    answer = client.get(f"/my/{change(key)}")  # type: ignore[operator]
    assert answer.status_code == 404
    assert answer.text == client.get("/s/forged").text


# Reading


def test_it_lists_what_was_asked_in_the_words_it_was_asked_in(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    invitation, response = rated(app, session)
    response.answers.append(Answer(question_key="nps", metric="nps", score=3))
    response.answers.append(Answer(question_key="reasons", choice="slow"))
    session.commit()
    english = client.get(f"{own(app, invitation)}?lang=en").text
    # The page is in English; the question stands as it was put.
    for words in (
        "My answers and my data",
        "您对本次服务是否满意？",
        "不满意",
        "3 (0–10)",
        "水还在滴",
    ):
        assert words in english


def test_it_shows_everything_under_this_address_and_nobody_elses(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    one, _response = rated(app, session, comment="第一次")
    rated(app, session, comment="第二次", interaction=contact(session, ADDRESS.upper()))
    rated(app, session, comment="别人的", interaction=contact(session, "chenjie2@example.cn"))
    # The same customer once by phone, without an address: nobody else reads for them.
    by_phone = contact(session, None, customer_id=one.customer_id)
    make_response(session, by_phone, csat=5, comment="电话里说的", provenance="phone")
    # A customer with two addresses: who reads the other one is not proven here.
    both = contact(session)
    elsewhere = contact(session, "else@example.cn", customer_id=both.customer_id)
    make_response(session, elsewhere, csat=5, comment="另一个邮箱")
    unknown = contact(session, None, customer_id=both.customer_id)
    make_response(session, unknown, csat=5, comment="不知道是谁")
    session.commit()
    page = client.get(own(app, one)).text
    for words in ("第一次", "第二次", "电话里说的"):
        assert words in page
    for words in ("别人的", "另一个邮箱", "不知道是谁"):
        assert words not in page


def test_what_others_wrote_is_shown_as_it_is_and_runs_nothing(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    hostile = "<script>alert(1)</script>"
    invitation, _response = rated(
        app, session, comment=hostile, interaction=contact(session, subject=hostile)
    )
    for page in ("", "/everything", f"/withdraw/{_response.id}"):
        text = client.get(own(app, invitation) + page).text
        assert "<script>alert" not in text
        assert "&lt;script&gt;" in text


def test_a_machines_answer_is_nobodys(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    invitation, response = rated(app, session, comment="机器写的")
    response.suspected_at, response.suspected_because = START, "quick_posts"
    invitation.answered_at = None
    session.commit()
    page = client.get(own(app, invitation)).text
    assert "机器写的" not in page
    assert "您还没有评价" in page


def test_the_file_holds_everything_and_each_value_as_it_was_given(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    staff = make_staff(session)
    invitation, response = rated(app, session, interaction=contact(session, staff_id=staff.id))
    session.add(
        FormerAnswer(
            response_id=response.id, question_key="csat", choice="", score=1, replaced_at=START
        )
    )
    notice = Notice(brand_id=1, version=7, mode="consent", published_at=START)
    session.add(notice)
    session.flush()
    response.notice_id, response.agreed_at = notice.id, START
    channel = invitation.interaction.channel
    stop_kind(session, invitation, app.config, channel.id, START)
    session.commit()
    answer = client.get(f"{own(app, invitation)}/export.json")
    assert answer.mimetype == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "my-feedback.json" in answer.headers["Content-Disposition"]
    told = json.loads(answer.text)
    assert told["addresses"] == [ADDRESS]
    [one] = told["contacts"]
    assert (one["name"], one["email"], one["phone"]) == ("陈洁", ADDRESS, "+8613800001111")
    assert (one["subject"], one["served_by"], one["location"]) == ("浴室漏水", "李静", "锦绣路8号")
    [wave] = one["asked"]
    answers = {line["key"]: line for line in wave["answer"]["answers"]}
    assert answers["csat"]["value"] == [2]
    assert answers["csat"]["said"] == ["不满意"]
    assert answers["comment"]["value"] == ["水还在滴"]
    assert wave["answer"]["before_the_change"][0]["value"] == [1]
    # What they agreed to, and what they have told us not to do.
    assert wave["answer"]["privacy_notice_version"] == 7
    assert wave["answer"]["agreed_at"] == "2026-09-02T02:00:00Z"
    assert wave["answer"]["agreed_to_contact_at"] is None
    assert told["preferences"]["not_asked_about"] == [channel.code]
    assert [mail["to"] for mail in told["mails"]] == [ADDRESS]
    # The page that can be printed holds the same.
    page = client.get(f"{own(app, invitation)}/everything").text
    for words in (ADDRESS, "陈洁", "+8613800001111", "浴室漏水", "锦绣路8号", "水还在滴", "李静"):
        assert words in page


def test_opening_any_of_it_writes_nothing(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    invitation, response = rated(app, session)
    for page in ("", "/everything", "/export.json", "/erase", f"/withdraw/{response.id}"):
        answer = client.get(own(app, invitation) + page)
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers
    assert said(session, invitation) == {"csat": 2, "comment": "水还在滴"}


def test_an_answer_can_be_changed_from_here_within_its_day(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    invitation, _response = rated(app, session)
    change = f"{link(app, invitation)}?change=1"
    assert change in client.get(own(app, invitation)).text
    time.forward(hours=25)
    assert change not in client.get(own(app, invitation, time.now)).text


# Taking back


def test_an_answer_taken_back_is_gone_for_good(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    invitation, response = rated(app, session)
    other, _ = rated(app, session, comment="留下")
    session.add(
        FormerAnswer(
            response_id=response.id,
            question_key="comment",
            choice="",
            comment="先前",
            replaced_at=START,
        )
    )
    session.commit()
    path = own(app, invitation)
    answer = press(client, f"{path}/withdraw/{response.id}")
    assert (answer.status_code, answer.location) == (303, f"{path}?withdrawn=1")
    page = client.get(answer.location).text
    assert "已撤回" in page
    assert "水还在滴" not in page
    assert "先前" not in page
    assert said(session, invitation) == {}
    assert count(session, FormerAnswer) == 0
    kept = stored(session, response)
    assert (kept.withdrawn_at, kept.excluded_because) == (START, "withdrawn")
    assert said(session, other) == {"csat": 2, "comment": "留下"}
    assert client.get(f"{link(app, invitation)}/thanks").location == link(app, invitation)
    # Neither the link nor its owner answers in its stead.
    survey = client.get(link(app, invitation))
    assert "撤回" in survey.text
    assert "修改我的评价" not in survey.text
    with app.app_context():
        nonces = {
            purpose: page_nonce(invitation.id, purpose=purpose, now=START)
            for purpose in ("answer", "amend")
        }
    time.forward(minutes=1)
    for nonce in nonces.values():
        client.post(link(app, invitation), data={"nonce": nonce, "csat": "5"})
    assert said(session, invitation) == {}


def test_pressed_twice_it_is_taken_back_once_and_noted_once(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    invitation, response = rated(app, session)
    path = f"{own(app, invitation)}/withdraw/{response.id}"
    form = hidden(client.get(path).text)
    assert client.post(path, data=form).status_code == 303
    first = stored(session, response).withdrawn_at
    time.forward(minutes=1)
    assert client.post(path, data=form).status_code == 303
    assert stored(session, response).withdrawn_at == first
    # Who comes back to the page of before is not asked once more.
    assert client.get(path).location == own(app, invitation)
    assert logged(session) == [("response.withdrawn", "customer", str(response.id), "{}")]


def test_what_a_customer_has_erased_is_in_the_log_by_its_number_and_counts_alone(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    invitation, _response = rated(app, session)
    assert press(client, f"{own(app, invitation)}/erase").status_code == 422
    assert logged(session) == []
    press(client, f"{own(app, invitation)}/erase", sure="yes")
    press_again = client.get(f"{own(app, invitation)}/erase")
    assert press_again.status_code == 200
    [(action, actor, number, details)] = logged(session)
    assert (action, actor, number) == ("customer.erased", "customer", "1")
    assert '"contacts":1' in details
    with app.app_context():
        assert audit_check.verify(session).is_whole
    sign_in(client, session, make_user(session, "admin"))
    page = client.get("/admin/audit?lang=en").text
    assert "a customer" in page
    assert "陈洁" not in page
    assert ADDRESS not in page


def test_a_contact_asked_about_with_another_is_told_as_such_and_nothing_is_promised(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    later = asked(app, session)
    early = contact(session)
    merged = asked(
        app, session, interaction=early, issued_at=None, message_id=None, withheld_at=START,
        withheld_because="merged", merged_into_id=later.id,
    )  # fmt: skip
    due = START + timedelta(days=30)
    asked(app, session, interaction=early, wave=2, issued_at=None, message_id=None, due_at=due)
    page = client.get(own(app, later)).text
    assert "合并为一次" in page
    assert "我们计划于" not in page
    exported = json.loads(client.get(f"{own(app, later)}/export.json").text)
    [waves] = [
        one["asked"] for one in exported["contacts"] if one["reference"] == early.external_id
    ]
    assert [(wave["wave"], wave["state"]) for wave in waves] == [(1, "withheld")]
    assert merged.id != later.id


def test_nobody_takes_back_what_another_said(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    mine, _response = rated(app, session)
    theirs, their_response = rated(
        app, session, interaction=contact(session, "other@example.cn"), comment="别人的"
    )
    path = f"{own(app, mine)}/withdraw/{their_response.id}"
    answer = client.get(path)
    assert answer.status_code == 404
    never_was = client.get(f"{own(app, mine)}/withdraw/999999")
    assert never_was.status_code == 404
    told = answer.text.replace(f"/withdraw/{their_response.id}", "/withdraw/999999")
    assert told == never_was.text
    with app.app_context():
        purpose = f"withdraw:{their_response.id}"
        nonce = page_nonce(mine.id, purpose=purpose, now=START)
    assert client.post(path, data={"nonce": nonce}).status_code == 303
    assert said(session, theirs) == {"csat": 2, "comment": "别人的"}


@pytest.mark.parametrize("purpose", ["", "answer", "erase", "withdraw:0"])
def test_what_no_page_for_it_sent_takes_nothing_back(
    app: Flask, session: Session, client: FlaskClient, time: Time, purpose: str
) -> None:
    invitation, response = rated(app, session)
    with app.app_context():
        nonce = page_nonce(invitation.id, purpose=purpose, now=START) if purpose else ""
    path = f"{own(app, invitation)}/withdraw/{response.id}"
    answer = client.post(path, data={"nonce": nonce})
    assert answer.status_code == 422
    assert said(session, invitation) == {"csat": 2, "comment": "水还在滴"}


def test_staff_read_that_it_was_taken_back_and_not_what_it_said(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    invitation, response = rated(app, session)
    press(client, f"{own(app, invitation)}/withdraw/{response.id}")
    # Of somebody with fewer answers nothing is listed at all.
    for _number in range(6):
        make_response(session, make_interaction(session), csat=5)
    manager = app.test_client()
    sign_in(manager, session, make_user(session, "admin"))
    page = manager.get("/responses").text
    assert "客户已撤回" in page
    assert "水还在滴" not in page


def test_an_import_does_not_bring_it_back(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:

    invitation, response = rated(app, session)
    press(client, f"{own(app, invitation)}/withdraw/{response.id}")
    one = invitation.interaction
    taker = ResponseTaker(session, ZoneInfo("Asia/Shanghai"), START)
    row = taker.read({"interaction_external_id": one.external_id, "source": one.source,
                      "wave": "1", "answered_at": "2026-09-02T10:00:00+08:00", "csat": "5",
                      "comment": "又来了"})  # fmt: skip
    assert taker.take([row]) == [Fate.DUPLICATE]
    session.commit()
    assert said(session, invitation) == {}
    assert count(session, Response) == 1
    assert stored(session, invitation).answered_at == START
    assert count(session, Invitation) == 1

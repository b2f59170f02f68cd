"""Somebody who works here: what is stored about them is theirs to have, and gone once they left."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from sqlalchemy.orm import Session

from feedback.accounts import audit_check, people
from feedback.accounts.acting import about_user
from feedback.accounts.audit import About, Actor, note
from feedback.accounts.look import log_look
from feedback.accounts.models import (
    AuditEntry,
    Identity,
    Look,
    RecoveryCode,
    ResetRequest,
    SignIn,
    User,
)
from feedback.accounts.throttle import limits_of, note_try
from feedback.accounts.uploads import Upload, keep_upload
from feedback.interactions.models import Interaction, InteractionShare, Membership, StaffMember
from feedback.pauses import begin_pause
from feedback.reports.roll_up import roll_up
from feedback.responses.models import Answer, Response
from feedback.touchpoints.models import Touchpoint
from tests.conftest import START, Time
from tests.factories import make_interaction, make_response, make_staff, make_user, sign_in
from tests.responses.stories import make_message, stored
from tests.retention.test_erase import whole_database
from tests.retention.test_periods import tallies

NAME, EMAIL, NUMBER = "欧阳若兰", "ruolan@example.cn", "e-77031"
THEIRS = (NAME, EMAIL, NUMBER, "ruolan", "她很耐心", "10.9.8", "Ouyang Phone")
CUSTOMER = ("王伟", "wangwei", "+8613900002222", "crm:", "GD-")


@pytest.fixture
def left(app: Flask, session: Session, time: Time) -> tuple[int, int]:
    """Have somebody worked here for a while, left traces in every table, and left."""
    member = make_staff(session, NUMBER, name=NAME, email=EMAIL)
    other = make_staff(session, "e-2", name="王海涛", team_id=member.team_id)
    user = make_user(session, "staff", email=EMAIL, name=NAME, staff_id=member.id,
                     password_hash="x", locale="zh")  # fmt: skip
    manager = make_user(session, "manager", email="boss@example.cn", name="老板")
    for number in range(6):
        contact = make_interaction(
            session, staff_id=member.id, team_id=member.team_id, external_id=f"GD-{number}",
            customer_phone="+8613900002222", subject=f"请{NAME}回电",
        )  # fmt: skip
        make_response(session, contact, csat=1 + number % 5, comment="她很耐心，我是王伟")
    shared = make_interaction(session, staff_id=None, team_id=member.team_id, external_id="GD-9")
    for one in (member, other):
        session.add(InteractionShare(interaction_id=shared.id, staff_id=one.id, part=0.5))
    make_response(session, shared, csat=5, comment="两位都好")
    make_response(session, shared, wave=2, csat=5, comment=f"{NAME}最好")
    session.add_all(
        [
            RecoveryCode(user_id=user.id, digest="d"),
            Identity(issuer="https://id.example.cn", subject="ruolan-7", user_id=user.id,
                     since=START),
            ResetRequest(email=EMAIL, locale="zh", asked_at=START),
        ]
    )  # fmt: skip
    session.add(SignIn(digest="s", user_id=user.id, agent="Ouyang Phone", network="10.9.8.0/24",
                       created_at=START, last_used_at=START, proved_at=START))  # fmt: skip
    keep_upload(session, user.id, name=f"{NAME}.csv", content=b"x", now=START)
    note_try(session, limits_of(EMAIL, "192.0.2.7"), START)
    make_message(session, EMAIL, kind="password_link")
    begin_pause(session, now=START, by=EMAIL)
    staff_id, user_id, manager_id = member.id, user.id, manager.id
    session.commit()
    with app.app_context():
        log_look(manager_id, staff_id, "staff", START)
        log_look(user_id, make_other(session), "staff", START)
        theirs = Actor("user", EMAIL, user_id)
        note(session, START, theirs, "sign_in.begun", about_user(user), {"browser": "x"})
        by_boss = Actor("user", "boss@example.cn", manager_id)
        about = About("staff", staff_id, f"{NAME} {NUMBER}")
        note(session, START, by_boss, "staff.changed", about,
             {"name": {"before": "x", "after": NAME}})  # fmt: skip
        note(session, START, by_boss, "user.linked", About("staff", 999, "z"),
             {"account": {"before": EMAIL, "after": None}})  # fmt: skip
        note(session, START, by_boss, "team.added", About("team", 1, "夜班"), {"name": "夜班"})
        session.commit()
    session.get_one(StaffMember, staff_id).left_at = START
    people.leave(session, session.get_one(User, user_id), START)
    session.commit()
    roll_up(session, START + timedelta(hours=1))
    session.commit()
    return staff_id, user_id


def make_other(session: Session) -> int:
    number = session.scalars(sa.select(StaffMember.id).where(StaffMember.name == "王海涛")).one()
    session.commit()
    return number


def left_of_them(session: Session) -> list[str]:
    """Return where something is left that says who they were."""
    return [
        f"{mark} in {name}: {row}"
        for name, rows in whole_database(session).items()
        for row in rows
        for mark in THEIRS
        if mark in str(row)
    ]


def run(runner: FlaskCliRunner, *args: str) -> dict[str, Any]:
    result = runner.invoke(args=list(args))
    assert result.exit_code == 0, result.output
    return dict(json.loads(result.stdout))


def test_the_file_has_every_answer_about_them_and_no_customer(
    app: Flask, session: Session, runner: FlaskCliRunner, left: tuple[int, int]
) -> None:
    held = run(runner, "export", "person", NUMBER)
    assert len(held["answers_about_you"]) == 8
    words = [
        value["words"]
        for answer in held["answers_about_you"]
        for value in answer["answers"]
        if "words" in value
    ]
    # What a customer is called goes from what they wrote; the rest is about the person.
    assert words.count("她很耐心，我是…") == 6
    assert set(words) == {"她很耐心，我是…", "两位都好", f"{NAME}最好"}
    text = json.dumps(held, ensure_ascii=False)
    assert [mark for mark in CUSTOMER if mark in text] == []
    assert held["account"]["email"] == EMAIL
    assert [one["browser"] for one in held["account"]["sign_ins"]] == ["Ouyang Phone"]
    assert held["account"]["has_password"] is True
    assert held["staff_record"]["number"] == NUMBER
    assert [one["who"] for one in held["who_looked"]] == ["老板"]
    assert {one["action"] for one in held["in_the_audit_log"]} == {"sign_in.begun", "staff.changed"}
    assert [one["kind"] for one in held["mails"]] == ["password_link"]
    assert sum(one["contacts"] for one in held["contacts"]) == 7
    # What proves somebody's presence is in no file.
    assert '"x"' not in json.dumps(held["account"])
    session.commit()
    assert run(runner, "export", "person", EMAIL)["staff_record"]["number"] == NUMBER


def test_erased_nothing_says_who_they_were_in_any_table(
    app: Flask, session: Session, runner: FlaskCliRunner, left: tuple[int, int]
) -> None:
    before = str(whole_database(session))
    assert all(mark in before for mark in THEIRS)
    told = run(runner, "erase-staff", NUMBER, "--yes", "--format", "json")
    assert told == {
        "contacts": 6, "shared": 1, "comments": 7, "looks": 1, "sign_ins": 1, "mails": 1,
        "audit_entries": 3, "dry_run": False,
    }  # fmt: skip
    session.expire_all()
    assert left_of_them(session) == []
    kept = str(whole_database(session))
    assert all(mark in kept for mark in ("两位都好", "王海涛", "夜班", "老板", "王伟"))
    for table in (SignIn, RecoveryCode, Identity, ResetRequest, Upload):
        assert session.scalar(sa.select(sa.func.count()).select_from(table)) == 0
    session.commit()
    with app.app_context():
        assert audit_check.verify(session).is_whole


def test_totals_stay_and_figures_of_their_own_do_not(
    app: Flask, session: Session, runner: FlaskCliRunner, left: tuple[int, int]
) -> None:
    staff_id, _user_id = left
    before = tallies(session)
    assert any(row[:2] == ("staff", staff_id) for row in before)
    session.commit()
    run(runner, "erase-staff", NUMBER, "--yes", "--format", "json")
    session.expire_all()
    assert not any(row[:2] == ("staff", staff_id) for row in tallies(session))
    session.commit()
    roll_up(session, START + timedelta(days=1))
    session.commit()
    after = tallies(session)
    assert {row for row in after if row[0] != "staff"} == {
        row for row in before if row[0] != "staff"
    }
    assert not any(row[:2] == ("staff", staff_id) for row in after)
    assert set(session.scalars(sa.select(Interaction.staff_id))) == {None}
    # Of shared work a part stays, so that the parts still make a whole.
    parts = session.execute(sa.select(InteractionShare.staff_id, InteractionShare.part)).all()
    assert sum(part for _id, part in parts) == 1
    assert session.get_one(StaffMember, staff_id).name == "已离职的人"
    assert session.scalars(sa.select(Membership).where(Membership.staff_id == staff_id)).all() == []
    assert session.scalar(sa.select(sa.func.count()).where(Answer.score.is_not(None))) == 8
    assert session.scalar(
        sa.select(sa.func.count()).where(Response.words_forgotten_at.is_not(None))
    ) == 7  # fmt: skip
    assert session.scalar(sa.select(sa.func.count()).where(Look.staff_id == staff_id)) == 0


def test_not_even_the_bytes_are_left(
    app: Flask, session: Session, runner: FlaskCliRunner, left: tuple[int, int]
) -> None:
    if session.get_bind().dialect.name != "sqlite":
        pytest.skip("PostgreSQL overwrites in its own time (docs/privacy.md)")
    run(runner, "erase-staff", NUMBER, "--yes", "--format", "json")
    session.close()
    files = list(Path(session.get_bind().url.database).parent.glob("feedback.sqlite*"))
    raw = b"".join(path.read_bytes() for path in files)
    assert b"boss@example.cn" in raw
    assert [mark for mark in THEIRS if mark.encode() in raw] == []


def test_done_twice_it_finds_nothing_more(
    app: Flask, session: Session, client: FlaskClient, runner: FlaskCliRunner, left: tuple[int, int]
) -> None:
    staff_id, user_id = left
    run(runner, "erase-staff", EMAIL, "--yes", "--format", "json")
    again = runner.invoke(args=["erase-staff", NUMBER, "--yes"])
    assert again.exit_code == 2
    entries = "staff.erased"
    found = session.scalars(sa.select(AuditEntry.action).where(AuditEntry.action == entries)).all()
    session.commit()
    assert found == [entries]
    sign_in(client, session, make_user(session, "admin"))
    for path in (f"/admin/staff/{staff_id}", f"/admin/staff/{staff_id}/held",
                 f"/admin/people/{user_id}/held"):  # fmt: skip
        assert client.get(path).status_code == 404


def test_nobody_is_erased_who_is_here_or_answers_for_something(
    app: Flask, session: Session, runner: FlaskCliRunner, left: tuple[int, int]
) -> None:
    staff_id, user_id = left
    touchpoint = session.scalars(sa.select(Touchpoint).order_by(Touchpoint.id)).first()
    assert touchpoint is not None
    touchpoint.owner_name = touchpoint.owner_email = ""
    touchpoint.owner_id, touchpoint.live_since = user_id, START
    touchpoint.retired_at = None
    session.get_one(StaffMember, staff_id).left_at = START + timedelta(days=4)
    user = session.get_one(User, user_id)
    user.left_at = None
    key = touchpoint.key
    session.commit()
    before = whole_database(session)
    refused = runner.invoke(args=["erase-staff", NUMBER, "--yes"])
    assert refused.exit_code == 2
    for reason in ("最后一天", "仍然有效", key):
        assert reason in refused.output, refused.output
    assert whole_database(session) == before
    session.get_one(StaffMember, staff_id).left_at = START
    session.get_one(User, user_id).left_at = START
    session.commit()
    assert runner.invoke(args=["erase-staff", NUMBER, "--yes"]).exit_code == 2
    session.get_one(Touchpoint, touchpoint.id).retired_at = START
    session.commit()
    assert runner.invoke(args=["erase-staff", NUMBER, "--yes"]).exit_code == 0


def test_a_dry_run_says_the_same_and_changes_nothing(
    app: Flask, session: Session, runner: FlaskCliRunner, left: tuple[int, int]
) -> None:
    before = whole_database(session)
    told = run(runner, "erase-staff", NUMBER, "--dry-run", "--format", "json")
    assert whole_database(session) == before
    done = run(runner, "erase-staff", NUMBER, "--yes", "--format", "json")
    assert told | {"dry_run": False} == done


def test_the_log_shows_a_redaction_by_somebody_without_the_key(
    app: Flask, session: Session, left: tuple[int, int]
) -> None:
    """Who has only the database can blank nothing unseen, and put nothing in its place at all."""
    blank = {"actor_name": "–", "redacted_at": START, "redaction_seal": "0" * 64}
    session.execute(sa.update(AuditEntry).where(AuditEntry.number == 1).values(**blank))
    session.commit()
    with app.app_context():
        verdict = audit_check.verify(session)
    assert (verdict.is_whole, verdict.first and verdict.first.kind) == (False, "changed")
    session.commit()
    for other in ({"actor_name": "somebody else"}, {"details": '{"a":1}'}, {"action": "x"}):
        with pytest.raises(sa.exc.DBAPIError, match="only added to"):
            session.execute(
                sa.update(AuditEntry).where(AuditEntry.number == 2).values(**(blank | other))
            )
        session.rollback()


def test_ones_own_page_leads_to_ones_own_file_and_asks_for_the_password(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    member = make_staff(session, NUMBER, name=NAME, email=EMAIL)
    user = make_user(session, "staff", email=EMAIL, staff_id=member.id)
    make_response(session, make_interaction(session, staff_id=member.id), csat=5, comment="好")
    make_response(
        session, make_interaction(session, staff_id=make_staff(session, "e-9").id), comment="别人"
    )
    sign_in(client, session, user)
    page = client.get("/account/held")
    assert page.status_code == 200
    assert NAME in page.text
    file = client.get("/account/held.json")
    assert file.headers["Cache-Control"] == "no-store"
    assert "attachment" in file.headers["Content-Disposition"]
    held = json.loads(file.text)
    assert [one["words"] for answer in held["answers_about_you"] for one in answer["answers"]
            if "words" in one] == ["好"]  # fmt: skip
    time.forward(minutes=11)
    assert client.get("/account/held.json").location.startswith("/confirm")


def test_the_administrators_page_erases_after_a_tick(
    make_app: Callable[..., Flask], session: Session, left: tuple[int, int]
) -> None:
    app = make_app(WTF_CSRF_ENABLED=False)
    client, (staff_id, _user_id) = app.test_client(), left
    sign_in(client, session, make_user(session, "admin"))
    path = f"/admin/staff/{staff_id}"
    assert client.get(f"{path}/held.json").json["staff_record"]["number"] == NUMBER
    assert client.post(f"{path}/erase", data={}).status_code == 422
    session.commit()
    assert stored(session, session.get_one(StaffMember, staff_id)).erased_at is None
    session.commit()
    done = client.post(f"{path}/erase", data={"sure": "yes"})
    assert (done.status_code, done.location) == (303, "/admin/staff")
    session.expire_all()
    assert left_of_them(session) == []
    session.commit()
    assert client.get("/admin/audit").status_code == 200
    assert NAME not in client.get("/admin/people").text


def test_an_administrator_without_a_record_is_erased_by_their_account(
    app: Flask, session: Session, runner: FlaskCliRunner, time: Time
) -> None:
    user = make_user(session, "admin", email="gone@example.cn", name="走了的人", left_at=START)
    session.commit()
    told = run(runner, "erase-staff", "gone@example.cn", "--yes", "--format", "json")
    assert told["contacts"] == 0
    session.expire_all()
    assert session.get_one(User, user.id).email.endswith("@erased.invalid")

"""What goes into the audit log: every page that changes something, used once by an administrator.

The table below is the specification. A page that changes something and is not in it fails the test,
so that nobody can add one and forget the log; so does one whose use leaves no entry.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from feedback.accounts import audit_check, people, set_up
from feedback.accounts.models import AuditEntry, User
from feedback.accounts.passwords import hash_password
from feedback.accounts.sessions import begin
from feedback.accounts.two_step.use import turn_on
from feedback.accounts.uploads import keep_upload
from feedback.brands.notice_texts import DEFAULT
from feedback.interactions.contacts import address_digest
from feedback.interactions.models import Interaction
from feedback.organisation import Organisation
from feedback.outbox.suppress import suppress
from feedback.reports.trends.annotate import annotate
from feedback.surveys.draft import begin_draft
from feedback.surveys.gaps import Upkeep
from feedback.surveys.library import template
from feedback.touchpoints.models import Touchpoint
from tests.conftest import Time
from tests.factories import make_response, make_staff, make_team, make_user, sign_in
from tests.outbox.letters import make_message
from tests.reports.test_touchpoint_pages import FORM as TOUCHPOINT
from tests.responses.stories import invited
from tests.touchpoints.stories import TODAY, aim, days_on

PASSWORD = "a long walk home"
NEW = {"password": "a longer walk home", "again": "a longer walk home"}
OURS = {"name_zh": "灯笼", "name_en": "Lantern", "contact": "400-820-1234"}
SURVEY = {"purpose_en": "To learn.", "owner_name": "王海", "owner_email": "w@example.cn"}
DRAFT = SURVEY | {"most_questions": "3", "language": "en", "title.en": "x", "do": "save"}
ABOUT_ALL = {"about": "all:0", "day": str(TODAY)}
TARGET = {"metric": "csat", "wave": "1", "value": "80", "start": str(days_on(1)), "end": ""}

AGREED = {
    "sure": "yes", "length.contacts": "90", "length.words": "13", "length.staff_scores": "24",
    "length.answers": "24", "length.traces": "14", "length.audit": "36",
}  # fmt: skip
BRAND = {
    "name_zh": "夜枭",
    "name_en": "Night Owl",
    "contact": "400-1",
    "sender_address": "care@owl.example",
}
NOTICE = {"mode": "consent", "text_zh": DEFAULT["zh-Hans"], "text_en": DEFAULT["en"]}

# Nobody listens at this port, and the mail server's refusal is written down as well.
MAIL = {"server": "127.0.0.1", "port": "1", "encryption": "plain", "username": "", "password": "",
        "sender": "care@example.cn"}  # fmt: skip

# What shows a form's words as customers would see them, tries a server, or shows a list that is not
# taken in yet; nothing of it is kept for longer than an hour.
SHOWING = (
    "brands.preview_form",
    "mail_settings.try_connection",
    "staff_import.upload",
    "staff_import.dry_run",
    "staff_import.forget",
    # Somebody shows once more who they are; what they do then is written down.
    "confirm.take",
    # Done by the worker, who writes it down if there is such a person: the page must not know.
    "forgotten.ask",
)
# Customers' and programs' own doing, which is kept as responses, interactions and suppressions.
# A preview is posted, and stores nothing.
NOT_ADMINISTRATION = ("responses.", "customers.", "api.", "preview.")


@dataclass
class World:
    """Who and what there is to act upon."""

    admin: User
    parts: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Use:
    """One use of a page: which entry it leaves, and what is sent."""

    action: str
    form: Mapping[str, object] = field(default_factory=dict)
    # What the address is given, where it is not the world's.
    parts: Mapping[str, str] = field(default_factory=dict)


# In this order: some undo what others did.
USES = {
    "accounts.set_password_page": Use("user.password_set", NEW),
    "accounts.sign_in": Use("sign_in.begun", {"email": "ada@example.cn", "password": PASSWORD}),
    "account.save_preferences": Use("user.changed", {"name": "Ada L.", "locale": "en"}),
    "account.end_sign_in": Use("sign_in.ended"),
    "account.end_other_sign_ins": Use("sign_in.ended"),
    "accounts_admin.add_person": Use("user.added", {"email": "new@example.cn", "role": "staff"}),
    "person_admin.end_sign_ins": Use("user.signed_out"),
    "accounts_admin.change_role": Use("user.role_changed", {"role": "analyst"}),
    "person_admin.oblige": Use("two_step.obliged"),
    "person_admin.release": Use("two_step.released"),
    "person_admin.reset_two_step": Use("two_step.reset"),
    "person_admin.choose_roles": Use("two_step.roles_changed", {"roles": ["lead"]}),
    "accounts_admin.leave": Use("user.left"),
    "accounts_admin.come_back": Use("user.returned"),
    "accounts_admin.new_password_link": Use("user.password_link_made"),
    "team_admin.add": Use("team.added", {"name": "夜班"}),
    "team_admin.rename": Use("team.changed", {"name": "晚班"}),
    "team_admin.close": Use("team.changed"),
    "team_admin.reopen": Use("team.changed"),
    "staff_admin.add": Use("staff.added", {"number": "e-7", "name": "王伟", "team": ""}),
    "staff_admin.change": Use("staff.changed", {"number": "e-1", "name": "李婧", "left_on": ""}),
    "staff_admin.move": Use("staff.moved", {"team": "", "day": str(TODAY)}),
    "staff_admin.link": Use("user.linked", {"account": "ada@example.cn"}),
    "accounts_admin.make_key": Use("key.made", {"name": "crm", "scopes": ["scores:read"]}),
    "accounts_admin.revoke_key": Use("key.revoked"),
    "accounts_admin.save_organisation": Use("organisation.changed", OURS),
    "outbox.try_again": Use("message.tried_again"),
    "bounces.write_again": Use("address.forgiven"),
    "outbox.cancel": Use("message.cancelled"),
    "touchpoints.add": Use("touchpoint.added", TOUCHPOINT),
    "touchpoints.change": Use("touchpoint.changed", TOUCHPOINT | {"kind": "visit"}),
    "touchpoints.on": Use("touchpoint.switched_on"),
    "touchpoints.off": Use("touchpoint.switched_off"),
    "held_answers.count": Use("answer.let_count", parts={"response_id": "held_id"}),
    "editing.add": Use("survey.begun", {"key": "visit", "languages": ["en"]}),
    "editing.version": Use("survey.begun"),
    "editing.copy": Use("survey.begun", {"key": "copied"}),
    "editing.about": Use("survey.changed", SURVEY | {"most_questions": "3"}),
    "editing.save": Use("survey.saved", DRAFT | {"revision": "0"}, {"survey_id": "draft_id"}),
    "editing.drop": Use("survey.dropped", {"revision": "1"}, {"survey_id": "draft_id"}),
    "do_not_ask.add": Use("do_not_ask.added", {"what": "kind", "value": "test", "reason": "x"}),
    "do_not_ask.end": Use("do_not_ask.ended"),
    "own_days.add": Use("calendar.decided", {"first": "2026-10-01", "works": "off"}),
    "own_days.remove": Use("calendar.undecided"),
    "brands.add": Use("brand.added", BRAND),
    "brands.change": Use("brand.changed", BRAND | {"accent": "#0d5c63"}),
    "notices.publish_next": Use("notice.published", NOTICE),
    "mail_settings.save": Use("mail.settings_changed", MAIL),
    "mail_settings.send_test": Use("mail.tested"),
    "staff_import.take": Use("file.imported", {"external_id": "number", "name": "name"}),
    "go_live.choose": Use("asking.prepared", {"touchpoint": "2", "team": ""}),
    "go_live.simulate": Use("asking.simulated"),
    "go_live.go": Use("asking.went_live"),
    "go_live.everywhere": Use("asking.went_everywhere"),
    "pause.pause": Use("asking.paused", {"reason": "x"}),
    "pause.go_on": Use("asking.resumed"),
    "annotations.add": Use("annotation.added", ABOUT_ALL | {"text": "新话术"}),
    "annotations.take_back": Use("annotation.withdrawn"),
    "targets.add": Use("target.set", TARGET | ABOUT_ALL),
    "targets.confirm": Use("target.confirmed", parts={"target_id": "confirmed"}),
    "targets.decline": Use("target.declined", parts={"target_id": "declined"}),
    "retention.say_yes": Use("retention.agreed", AGREED),
    "held.erase_person": Use("staff.erased", {"sure": "yes"}, {"user_id": "gone_id"}),
    "held.erase_staff": Use("staff.erased", {"sure": "yes"}, {"staff_id": "gone_staff_id"}),
    "account.change_password": Use("user.password_set", NEW | {"old": PASSWORD}),
    "accounts.sign_out": Use("sign_in.ended"),
    # On an installation of its own, below.
    "accounts.set_up_page": Use("organisation.set_up"),
    # With codes that only a phone knows: tests/accounts/test_two_step.py.
    "two_step.set_up": Use("two_step.turned_on"),
    "two_step.new_codes": Use("two_step.new_codes"),
    "two_step.off": Use("two_step.turned_off"),
    "two_step_code.take": Use("sign_in.begun"),
}
ELSEWHERE = ("accounts.set_up_page", "two_step.", "two_step_code.")
# Pages that take data out of the house, which are read and yet leave an entry.
TAKING = (
    "touchpoints.csv_file",
    "touchpoints.workbook",
    "recompute.csv_file",
    "recompute.workbook",
    "audit.csv_file",
    "held.own_file",
    "held.staff_file",
    "held.person_file",
)


def writing_endpoints(app: Flask) -> set[str]:
    return {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if (rule.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"}
        and not rule.endpoint.startswith(NOT_ADMINISTRATION)
        and rule.endpoint not in SHOWING
    }


@pytest.fixture
def world(app: Flask, session: Session, time: Time) -> World:
    app.config["WTF_CSRF_ENABLED"] = False
    admin = make_user(
        session, "admin", email="ada@example.cn", password_hash=hash_password(PASSWORD)
    )
    second = make_user(session, "manager")
    other, leaver = make_user(session, "staff"), make_user(session, "staff")
    make_team(session)
    keep_upload(session, admin.id, name="a.csv", content=b"number,name\n9,Li\n", now=time.now)
    one = session.scalars(sa.select(Touchpoint).order_by(Touchpoint.id)).first()
    assert one is not None
    one.retired_at = time.now
    note = annotate(session, day=TODAY, text="x", breaks=False, subject="all", subject_id=0,
                    by=admin, now=time.now)  # fmt: skip
    content = template("short", ["en"])
    draft_id = begin_draft(session, "drafted", content, Upkeep(), time.now).id
    late = [aim(session, second, 0.8, TODAY, reason="late") for _ in range(2)]
    message = make_message(session)
    dead = address_digest(message.recipient, app.config["SECRET_KEY"])
    suppress(session, dead, "hard_bounce", time.now)
    for _ in range(12):
        make_response(session, csat=5)
    browser = begin(session, admin, "another", time.now)
    begin(session, leaver, "another", time.now)
    asked = invited(app, session)
    about = session.get_one(Interaction, asked.interaction_id)
    held = make_response(session, about, csat=5, invitation_id=asked.id, suspected_at=time.now,
                         suspected_because="too_soon")  # fmt: skip
    session.commit()
    with app.test_request_context():
        token = people.password_link_token(other)
        turn_on(session, leaver, b"a secret of twenty b", 1, time.now)
    session.commit()
    gone = make_user(session, "staff", left_at=time.now)
    made = {
        "gone_id": gone.id,
        "gone_staff_id": make_staff(session, "e-gone", name="走了", left_at=time.now).id,
        "team_id": make_team(session, "空组").id,
        "staff_id": make_staff(session, "e-1").id,
    }
    session.commit()
    return World(
        admin,
        made
        | {
            "user_id": leaver.id,
            "token": token,
            "key_id": 1,
            "message_id": message.id,
            "touchpoint_id": one.id,
            "survey_id": 1,
            "draft_id": draft_id,
            "held_id": held.id,
            "annotation_id": note.id,
            "rule_id": 1,
            "day": "2026-10-01",
            "brand_id": 2,
            "confirmed": late[0].id,
            "declined": late[1].id,
            "digest": people.sessions.digest_of(browser),
        },
    )


def entries(session: Session) -> list[AuditEntry]:
    session.commit()
    session.expire_all()
    found = session.scalars(sa.select(AuditEntry).order_by(AuditEntry.number)).all()
    session.commit()
    return list(found)


def test_every_page_that_changes_something_is_in_the_table(app: Flask) -> None:
    assert writing_endpoints(app) - USES.keys() == set(), "say in USES what these leave in the log"
    assert USES.keys() - writing_endpoints(app) == set(), "these are gone"


def test_every_page_that_changes_something_leaves_an_entry(
    app: Flask, session: Session, world: World
) -> None:
    rules = {
        rule.endpoint: rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())
    }
    missing = []
    for endpoint, use in USES.items():
        if endpoint.startswith(ELSEWHERE):
            continue
        client = app.test_client()
        if endpoint not in ("accounts.sign_in", "accounts.set_password_page"):
            sign_in(client, session, world.admin)
        parts = {name: world.parts[use.parts.get(name, name)] for name in rules[endpoint].arguments}
        with app.test_request_context():
            address = app.url_for(endpoint, **parts)
        before = len(entries(session))
        answer = client.post(address, data=use.form)
        new = entries(session)[before:]
        if [entry.action for entry in new] != [use.action]:
            said = [entry.action for entry in new]
            missing.append(f"{endpoint}: {answer.status_code}, {said} instead of {use.action}")
    assert missing == []
    with app.app_context():
        assert audit_check.verify(session).is_whole
    named = {entry.actor_name for entry in entries(session)}
    assert named == {"ada@example.cn", "nobody"}


def test_setting_up_leaves_the_first_entries(
    client: FlaskClient, app: Flask, session: Session
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    code = set_up.set_up_code(app.instance_path)
    form = OURS | NEW | {"email": "a@example.cn", "code": code}
    assert client.post("/set-up", data=form).status_code == 303
    found = entries(session)
    assert [entry.action for entry in found] == ["organisation.set_up", "user.added"]
    assert {entry.actor_name for entry in found} == {"a@example.cn"}
    assert not any("longer walk" in entry.details for entry in found)


def test_what_changes_nothing_leaves_no_entry(
    client: FlaskClient, app: Flask, session: Session, world: World
) -> None:
    session.add(Organisation(id=1, created_at=world.admin.created_at, is_demo=False, **OURS))
    sign_in(client, session, world.admin)
    number = world.parts["user_id"]
    for address, form in (
        ("/admin/organisation", OURS),
        (f"/admin/people/{number}/role", {"role": "staff"}),
        (f"/admin/people/{number}/role", {"role": "king"}),
        (f"/admin/people/{number}/return", {}),
        (f"/admin/people/{world.admin.id}/leave", {}),
        ("/admin/people", {"email": "ada@example.cn", "role": "staff"}),
        (f"/admin/touchpoints/{world.parts['touchpoint_id']}/off", {}),
        (f"/account/sign-ins/{'0' * 64}/end", {}),
    ):
        client.post(address, data=form)
    assert entries(session) == []


@pytest.mark.parametrize("endpoint", TAKING)
def test_whoever_takes_data_out_is_in_the_log(
    endpoint: str, client: FlaskClient, app: Flask, session: Session, world: World
) -> None:
    sign_in(client, session, world.admin)
    with app.test_request_context():
        rule = next(one for one in app.url_map.iter_rules() if one.endpoint == endpoint)
        parts = {name: world.parts[name] for name in rule.arguments}
        address = app.url_for(endpoint, metric="csat", **parts)
    answer = client.get(address)
    assert answer.status_code == 200
    [entry] = entries(session)
    assert (entry.action, entry.actor_name) == ("data.taken", "ada@example.cn")


def test_guessing_fills_no_log(
    client: FlaskClient, app: Flask, session: Session, world: World, time: Time
) -> None:
    """The first failed try is told, and the one that closes the door; the success says how many."""

    def attempt(email: str, password: str) -> None:
        client.post("/sign-in", data={"email": email, "password": password})

    for _ in range(9):
        attempt("ada@example.cn", "a guess")
    told = [(entry.action, entry.about_name, entry.details) for entry in entries(session)]
    assert [(action, name) for action, name, _ in told] == [
        ("sign_in.failed", "ada@example.cn"), ("sign_in.failed", "ada@example.cn"),
    ]  # fmt: skip
    assert '"must_wait":true,"tries":5' in told[1][2]
    # What somebody types who is not known may be a password, and is not kept.
    attempt("my-secret@example.cn", "a guess")
    assert not any(
        "my-secret" in f"{entry.about_name}{entry.details}" for entry in entries(session)
    )
    time.forward(minutes=16)
    attempt("ada@example.cn", "a guess")
    attempt("ada@example.cn", PASSWORD)
    last = entries(session)[-1]
    assert (last.action, last.details) == ("sign_in.begun", '{"failed_before":1}')

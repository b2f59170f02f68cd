"""Before what matters somebody shows once more who they are, and then goes on where they were."""

import html
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from feedback.accounts.models import ApiKey, User
from tests.accounts.doors import PASSWORD, actions, address_of, hidden, make_person, post, token
from tests.conftest import Time
from tests.factories import make_response, make_staff, make_user, sign_in

# Every page that wants it. A new one is to be thought about, and put here.
WANTED = {
    "accounts_admin.add_person", "accounts_admin.change_role", "accounts_admin.leave",
    "accounts_admin.come_back", "accounts_admin.new_password_link", "accounts_admin.make_key",
    "accounts_admin.revoke_key", "staff_admin.link", "person_admin.reset_two_step",
    "person_admin.oblige", "person_admin.release", "person_admin.choose_roles",
    "two_step.set_up_page", "two_step.set_up", "two_step.new_codes", "two_step.off",
    "accounts_admin.save_organisation", "mail_settings.save",
    "retention.say_yes", "held.own_file", "held.staff_file", "held.person_file",
    "held.erase_staff", "held.erase_person",
    "audit.csv_file", "recompute.csv_file", "recompute.workbook",
}  # fmt: skip


@pytest.fixture
def admin(client: FlaskClient, session: Session, time: Time) -> User:
    """Somebody who signed in eleven minutes ago."""
    admin = make_person(session, "admin")
    sign_in(client, session, admin)
    time.forward(minutes=11)
    return admin


def test_each_page_that_matters_wants_it_and_no_other(
    app: Flask, client: FlaskClient, session: Session, admin: User, time: Time
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    asked = set()
    for rule in app.url_map.iter_rules():
        # What belongs to customers, programs and signing in itself has its own proof.
        if rule.endpoint in ("accounts.sign_out", "static") or rule.endpoint.startswith(
            ("responses.", "customers.", "api.", "confirm.")
        ):
            continue
        address = address_of(app, rule)
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            # Anew each time, since some of these pages sign out whoever asks.
            sign_in(client, session, admin, time.now - timedelta(minutes=11))
            with client.open(address, method=method) as answer:
                location = answer.location or ""
                if location.startswith("/confirm") or b"password_now" in answer.data:
                    asked.add(rule.endpoint)
    assert asked == WANTED


def test_what_was_typed_is_not_lost(client: FlaskClient, admin: User, session: Session) -> None:
    form = {"name": '"CRM" <新>', "scopes": ["scores:read", "responses:read"]}
    asked = post(client, "/admin/keys", "/admin/keys", **form)
    assert asked.status_code == 403
    assert session.scalars(sa.select(ApiKey)).all() == []
    session.commit()
    main = asked.text.partition("<main")[2]
    assert main.count('name="scopes"') == 2
    assert html.escape('"CRM" <新>').replace("&quot;", "&#34;") in main
    sent = {"csrf_token": hidden(asked)["csrf_token"], "password_now": PASSWORD} | form
    made = client.post("/admin/keys", data=sent)
    assert made.status_code == 201
    key = session.scalars(sa.select(ApiKey)).one()
    assert key.name == '"CRM" <新>'
    assert {one.scope for one in key.scopes} == {"scores:read", "responses:read"}
    assert actions(session) == ["key.made"]


def test_a_wrong_password_does_nothing_and_keeps_the_form(
    client: FlaskClient, admin: User, session: Session
) -> None:
    form = {"name": "CRM", "scopes": "scores:read"}
    answer = post(client, "/admin/keys", "/admin/keys", password_now="not this", **form)
    assert answer.status_code == 422
    assert {name: hidden(answer)[name] for name in form} == form
    assert "not this" not in answer.text
    assert session.scalars(sa.select(ApiKey)).all() == []


def test_ten_minutes_are_enough_for_one_page_after_another(
    client: FlaskClient, admin: User, session: Session, time: Time
) -> None:
    user = make_user(session, "staff")
    session.commit()
    role = f"/admin/people/{user.id}/role"
    form = {"role": "lead", "password_now": PASSWORD}
    assert post(client, role, "/admin/people", **form).status_code == 303
    time.forward(minutes=9, seconds=59)
    assert post(client, role, "/admin/people", role="staff").status_code == 303
    time.forward(seconds=1)
    assert post(client, role, "/admin/people", role="lead").status_code == 403


def test_guessing_there_is_slowed_down_like_elsewhere(
    client: FlaskClient, admin: User, session: Session
) -> None:
    for _ in range(5):
        post(client, "/confirm", "/confirm?next=/account", password_now="wrong")
    answer = post(client, "/confirm", "/confirm?next=/account", password_now=PASSWORD)
    assert answer.status_code == 422
    assert "Retry" not in answer.headers
    assert client.get("/account/two-step/set-up").location.startswith("/confirm?next=")


def test_a_file_is_sent_after_the_password(
    client: FlaskClient, admin: User, session: Session, time: Time
) -> None:
    for _ in range(12):
        make_response(session, csat=5)
    session.commit()
    address = "/responses/recompute.csv?metric=csat"
    asked = client.get(address)
    assert asked.location == "/confirm?next=/responses/recompute.csv?metric%3Dcsat"
    page = client.get(asked.location)
    assert page.status_code == 200
    form = hidden(page) | {"password_now": PASSWORD}
    confirmed = client.post("/confirm", data=form)
    assert confirmed.status_code == 303
    ready = client.get(confirmed.location)
    assert f'href="{address}"' in ready.text
    assert client.get(address).mimetype == "text/csv"
    # What is no file is gone to at once.
    answer = client.get("/confirm?next=/account/two-step/set-up")
    assert answer.location == "/account/two-step/set-up"


def test_it_leads_nowhere_else(client: FlaskClient, admin: User) -> None:
    for text in ("//evil.example", "/\\evil.example", "https://evil.example", "javascript:x"):
        form = {"next": text, "password_now": PASSWORD}
        answer = post(client, "/confirm", **form)
        assert answer.location == "/confirm?next=/reports"
        assert client.get("/confirm", query_string={"next": text}).location == "/reports"


def test_somebody_without_a_password_learns_how_to_get_one(
    client: FlaskClient, session: Session, time: Time
) -> None:
    sign_in(client, session, make_person(session, password_hash=None))
    time.forward(minutes=11)
    page = client.get("/confirm?next=/account/two-step/set-up")
    assert 'href="/forgotten"' in page.text
    assert "password_now" not in page.text


def test_the_form_must_be_one_of_ours(client: FlaskClient, admin: User, session: Session) -> None:
    token(client, "/admin/keys")
    form = {"name": "CRM", "scopes": "scores:read", "password_now": PASSWORD}
    assert client.post("/admin/keys", data=form).status_code == 400
    assert client.post("/confirm", data={"password_now": PASSWORD}).status_code == 400


def test_linking_a_record_wants_it_too(client: FlaskClient, admin: User, session: Session) -> None:
    record = make_staff(session)
    session.commit()
    address = f"/admin/staff/{record.id}"
    answer = post(client, f"{address}/account", address, account="lijing@example.cn")
    assert answer.status_code == 403
    assert hidden(answer)["account"] == "lijing@example.cn"

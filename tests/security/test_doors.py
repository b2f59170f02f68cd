"""No door opens by the wrong method, without the form's token, or with ids that do not belong."""

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from feedback.accounts import keys
from feedback.accounts.models import User
from feedback.brands.notice import publish
from feedback.database import Base, db, set_reading
from feedback.interactions.models import Interaction
from feedback.links import own_key
from tests.brands.stories import add_other
from tests.conftest import START, Time
from tests.factories import make_response, make_user, sign_in
from tests.responses.stories import hidden, invited, link
from tests.test_sight_matrix import World, address_of

# What a program or a customer posts needs no token: the key or the link is the proof.
OWN_PROOF = ("api.", "responses.", "customers.")
# Who looked is written down, and so is what is taken out.
NOTED = {"look", "audit_entry", "audit_head"}
NOTES = (
    "staff.page", "charts.of_staff", "answers.page", "touchpoints.csv_file", "team.page",
    "touchpoints.workbook", "recompute.csv_file", "recompute.workbook", "audit.csv_file",
    "asked.of_team", "asked.page", "charts.of_team", "reports.page", "planner.page",
    "held.own_file", "held.staff_file", "held.person_file",
)  # fmt: skip


def rows(session: Session) -> dict[str, list[Any]]:
    """Return every row there is, by table."""
    session.rollback()
    found = {
        table.name: sorted(map(repr, session.execute(sa.select(table)).all()))
        for table in Base.metadata.sorted_tables
    }
    session.rollback()
    return found


def changed(before: dict[str, list[Any]], after: dict[str, list[Any]]) -> set[str]:
    return {name for name in before if before[name] != after[name]}


def visited(
    app: Flask,
    session: Session,
    world: World,
    methods: tuple[str, ...],
) -> list[str]:
    """Ask every route by these methods; return which changed what."""
    client = app.test_client()
    sign_in(client, session, world.users["admin"])
    before, wrong = rows(session), []
    for rule in app.url_map.iter_rules():
        number = world.staff["own"] if "staff_id" in rule.arguments else None
        address = address_of(app, rule, world, number if len(rule.arguments) == 1 else None)
        for method in methods:
            with client.open(f"{address}?a=1&csat=5&how=stop", method=method) as answer:
                # That no worker runs here is what /readyz is asked for.
                if answer.status_code >= 500 and rule.endpoint != "health.readyz":
                    wrong.append(f"{method} {address}: {answer.status_code}")
        after = rows(session)
        if found := changed(before, after) - (NOTED if rule.endpoint in NOTES else set()):
            wrong.append(f"{rule.endpoint} changes {sorted(found)}")
        before = after
    return wrong


def test_no_route_asked_by_get_head_or_options_changes_a_row(
    app: Flask,
    session: Session,
    world: World,
    time: Time,
) -> None:
    assert visited(app, session, world, ("GET", "HEAD", "OPTIONS", "TRACE")) == []


def test_the_look_bites_where_a_page_writes_when_it_is_read(
    app: Flask,
    session: Session,
    world: World,
    time: Time,
) -> None:
    """The planted hole: a page that writes, and tells the database to let it."""
    number = world.users["staff"].id

    def write() -> str:
        set_reading(False)
        db.session.execute(sa.update(User).where(User.id == number).values(name="x"))
        db.session.commit()
        return ""

    app.view_functions["health.healthz"] = write
    found = visited(app, session, world, ("GET",))
    assert found == ["health.healthz changes ['user_account']"]


def posted(app: Flask, session: Session, world: World) -> list[str]:
    """Post to every page without its token, as a page of somebody else's would."""
    client = app.test_client()
    sign_in(client, session, world.users["admin"])
    before, wrong = rows(session), []
    for rule in app.url_map.iter_rules():
        methods = (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}
        if not methods or rule.endpoint.startswith(OWN_PROOF):
            continue
        address = address_of(app, rule, world, None)
        for method in methods:
            answer = client.open(
                address, method=method, headers={"Origin": "https://evil.example"},
                data={"name": "x", "email": "evil@example.cn", "role": "admin"},
            )  # fmt: skip
            if answer.status_code != 400:
                wrong.append(f"{method} {address}: {answer.status_code}")
    return wrong + sorted(changed(before, rows(session)))


def test_no_form_is_taken_without_its_token(
    app: Flask,
    session: Session,
    world: World,
    time: Time,
) -> None:
    assert posted(app, session, world) == []


def test_the_posts_bite_where_no_token_is_asked_for(
    app: Flask,
    session: Session,
    world: World,
    time: Time,
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    assert len(posted(app, session, world)) > 20


def test_a_customers_key_reaches_no_answer_of_somebody_elses(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    mine, theirs = invited(app, session), invited(app, session)
    answers = {}
    for one in (mine, theirs):
        about = session.get_one(Interaction, one.interaction_id)
        answers[one.id] = make_response(session, about, csat=4, invitation_id=one.id).id
    session.commit()
    own, foreign = answers[mine.id], answers[theirs.id]
    with app.app_context():
        key = own_key(mine.id, time.now)
    page = client.get(f"/my/{key}/withdraw/{own}")
    assert page.status_code == 200
    before = rows(session)
    for number in (foreign, 0, 10**9, 10**30, -1):
        assert client.get(f"/my/{key}/withdraw/{number}").status_code == 404
        answer = client.post(f"/my/{key}/withdraw/{number}", data=hidden(page.text))
        assert answer.status_code in (404, 405, 422)
    assert changed(before, rows(session)) == set()


def test_a_page_of_one_brand_shows_no_notice_of_another(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    admin = make_user(session, "admin")
    with app.app_context():
        other = add_other(app, session)
        publish(
            session, other.id, mode="consent", templates={"zh-Hans": "{company}。", "en": "x"},
            months=24, by=admin.id, now=START,
        )  # fmt: skip
    sign_in(client, session, admin)
    numbers = [
        version
        for version in range(1, 6)
        if client.get(f"/admin/brands/{other.id}/notice/{version}").status_code == 200
    ]
    assert numbers
    for version in numbers:
        assert client.get(f"/admin/brands/1/notice/{version + 100}").status_code == 404


REPORT = {
    "source": "crm", "external_id": "x-1", "channel": "phone", "closed_at": "2026-09-02T01:00:00Z",
    "customer": {"email": "wang@example.cn"},
}  # fmt: skip


@pytest.mark.parametrize(
    "more",
    [{"role": "admin"}, {"staff_id": 1}, {"score": 5}, {"weight": 9}, {"id": 1},
     {"day": "2020-01-01"}, {"customer": {"email": "wang@example.cn", "id": 1}},
     {"__proto__": {"x": 1}}],
)  # fmt: skip
def test_what_no_field_of_ours_is_called_is_refused(
    app: Flask, session: Session, client: FlaskClient, time: Time, more: dict[str, Any]
) -> None:
    secret = keys.make_key(session, "crm", ["interactions:write"], START)
    session.commit()
    answer = client.post(
        "/api/v1/interactions", json=REPORT | more, headers={"Authorization": f"Bearer {secret}"}
    )
    assert answer.status_code == 422
    assert session.scalar(sa.select(sa.func.count()).select_from(Interaction)) == 0
    session.rollback()


def test_nobody_gives_themselves_a_role_by_a_field_of_their_own(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    user = make_user(session, "staff")
    sign_in(client, session, user)
    page = client.get("/account").text
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    form = {"csrf_token": token, "name": "Li", "locale": "en", "role": "admin", "staff_id": "1",
            "email": "evil@example.cn", "id": "999", "password_hash": "x"}  # fmt: skip
    for rule in app.url_map.iter_rules("account.save_preferences"):
        assert client.post(rule.rule, data=form).status_code == 303
    session.expire_all()
    kept = session.get_one(User, user.id)
    assert (kept.role, kept.staff_id, kept.name) == ("staff", None, "Li")
    assert kept.email.startswith("staff")


def test_one_score_given_twice_is_no_score(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    path = link(app, invited(app, session))
    page = hidden(client.get(path).text)
    answer = client.post(path, data=page | {"csat": ["1", "5"]})
    assert answer.status_code == 422

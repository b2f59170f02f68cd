"""Who may open what: every route of the application, asked by every role, about everybody.

The table below is the specification. A route that is not in it fails the test, and so does a row
whose route is gone.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from feedback.accounts import people
from feedback.accounts.models import User
from feedback.accounts.sight import ROLES
from tests.factories import make_interaction, make_staff, make_team, make_user, sign_in
from tests.outbox.letters import make_message

EVERYBODY = frozenset({"nobody", *ROLES})
SIGNED_IN = frozenset(ROLES)
SEES_ALL = frozenset({"manager", "analyst", "admin"})
LEADS = SEES_ALL | {"lead"}
ADMIN = frozenset({"admin"})
SETS_TARGETS = frozenset({"manager", "admin"})

# Programs come in by a key; being signed in as whoever does not help.
BY_KEY = "by key"

# Whose figures a page shows, and who may then see them. The lead leads team one, in which are the
# staff member and the colleague; the stranger is in team two.
ABOUT_STAFF = {
    "own": LEADS | {"staff"},
    "colleague": LEADS,
    "lead": LEADS,
    "stranger": SEES_ALL,
}
ABOUT_TEAMS = {"team one": LEADS, "team two": SEES_ALL}

Expectation = frozenset[str] | str | dict[str, frozenset[str]]

EXPECTED: dict[str, Expectation] = {
    "static": EVERYBODY,
    # Who may look
    "accounts.home": EVERYBODY,
    "accounts.sign_in": EVERYBODY,
    "accounts.sign_out": EVERYBODY,
    "accounts.set_up_page": EVERYBODY,
    "accounts.set_password_page": EVERYBODY,
    "account.page": SIGNED_IN,
    "account.save_preferences": SIGNED_IN,
    "account.change_password": SIGNED_IN,
    "account.end_sign_in": SIGNED_IN,
    "account.end_other_sign_ins": SIGNED_IN,
    "confirm.page": SIGNED_IN,
    "confirm.take": SIGNED_IN,
    "forgotten.page": EVERYBODY,
    "forgotten.ask": EVERYBODY,
    "forgotten.asked": EVERYBODY,
    # Whose password was not right a moment ago is led back to where it is asked for.
    "two_step_code.page": EVERYBODY,
    "two_step_code.take": EVERYBODY,
    "two_step.page": SIGNED_IN,
    "two_step.set_up_page": SIGNED_IN,
    "two_step.set_up": SIGNED_IN,
    "two_step.new_codes": SIGNED_IN,
    "two_step.off": SIGNED_IN,
    # Not there at all where no provider is set, as here.
    "oidc.begin": EVERYBODY,
    "oidc.take": EVERYBODY,
    "oidc.ended": EVERYBODY,
    "person_admin.end_sign_ins": ADMIN,
    "person_admin.reset_two_step": ADMIN,
    "person_admin.oblige": ADMIN,
    "person_admin.release": ADMIN,
    "person_admin.choose_roles": ADMIN,
    "accounts_admin.people_page": ADMIN,
    "accounts_admin.add_person": ADMIN,
    "accounts_admin.change_role": ADMIN,
    "accounts_admin.leave": ADMIN,
    "accounts_admin.come_back": ADMIN,
    "accounts_admin.new_password_link": ADMIN,
    "accounts_admin.keys_page": ADMIN,
    "accounts_admin.make_key": ADMIN,
    "accounts_admin.revoke_key": ADMIN,
    "accounts_admin.organisation_page": ADMIN,
    "accounts_admin.save_organisation": ADMIN,
    # As whom we ask; what mails and pages fetch is for whoever opens those
    "brands.list_page": ADMIN,
    "brands.new": ADMIN,
    "brands.add": ADMIN,
    "brands.page": ADMIN,
    "brands.change": ADMIN,
    "brands.preview": ADMIN,
    "brands.preview_form": ADMIN,
    "notices.page": ADMIN,
    "notices.publish_next": ADMIN,
    "notices.version_page": ADMIN,
    "held_answers.page": ADMIN,
    "held_answers.count": ADMIN,
    "brand_files.colours": EVERYBODY,
    "brand_files.picture": EVERYBODY,
    "staff_admin.page": ADMIN,
    "staff_admin.add": ADMIN,
    "staff_admin.record": ADMIN,
    "staff_admin.change": ADMIN,
    "staff_admin.move": ADMIN,
    "staff_admin.link": ADMIN,
    "team_admin.page": ADMIN,
    "team_admin.add": ADMIN,
    "team_admin.one": ADMIN,
    "team_admin.rename": ADMIN,
    "team_admin.close": ADMIN,
    "team_admin.reopen": ADMIN,
    "audit.page": ADMIN,
    "audit.csv_file": ADMIN,
    "outbox.queue_page": ADMIN,
    "outbox.try_again": ADMIN,
    "bounces.write_again": ADMIN,
    "outbox.cancel": ADMIN,
    "invitations.coverage_page": SEES_ALL,
    "do_not_ask.page": ADMIN,
    "do_not_ask.add": ADMIN,
    "do_not_ask.end": ADMIN,
    "own_days.page": ADMIN,
    "own_days.add": ADMIN,
    "own_days.remove": ADMIN,
    # Where we meet them
    "touchpoints.plan_page": SEES_ALL,
    "touchpoints.csv_file": SEES_ALL,
    "touchpoints.workbook": SEES_ALL,
    "touchpoints.new": ADMIN,
    "touchpoints.add": ADMIN,
    "touchpoints.page": ADMIN,
    "touchpoints.change": ADMIN,
    "touchpoints.on": ADMIN,
    "touchpoints.off": ADMIN,
    "rehearsal.page": ADMIN,
    # How it is run
    "first_hour.page": ADMIN,
    "mail_settings.page": ADMIN,
    "mail_settings.save": ADMIN,
    "mail_settings.try_connection": ADMIN,
    "mail_settings.send_test": ADMIN,
    "staff_import.page": ADMIN,
    "staff_import.upload": ADMIN,
    "staff_import.dry_run": ADMIN,
    "staff_import.take": ADMIN,
    "staff_import.forget": ADMIN,
    "go_live.page": ADMIN,
    "go_live.choose": ADMIN,
    "go_live.simulate": ADMIN,
    "go_live.go": ADMIN,
    "go_live.everywhere": ADMIN,
    "pause.page": ADMIN,
    "pause.pause": ADMIN,
    "pause.go_on": ADMIN,
    "status.page": ADMIN,
    "retention.page": ADMIN,
    "retention.say_yes": ADMIN,
    # What is stored about whoever works here: one's own, and for them by an administrator
    "held.own_page": SIGNED_IN,
    "held.own_file": SIGNED_IN,
    "held.staff_page": ADMIN,
    "held.staff_file": ADMIN,
    "held.erase_staff": ADMIN,
    "held.person_page": ADMIN,
    "held.person_file": ADMIN,
    "held.erase_person": ADMIN,
    "editing.list_page": ADMIN,
    "editing.new": ADMIN,
    "editing.add": ADMIN,
    "editing.page": ADMIN,
    "editing.save": ADMIN,
    "editing.about": ADMIN,
    "editing.version": ADMIN,
    "editing.copy": ADMIN,
    "editing.drop": ADMIN,
    "preview.show": ADMIN,
    "preview.show_sent": ADMIN,
    # What it adds up to
    "reports.page": SEES_ALL,
    "annotations.page": SEES_ALL,
    "annotations.add": SETS_TARGETS,
    "annotations.take_back": SETS_TARGETS,
    "targets.page": SEES_ALL,
    "targets.add": SETS_TARGETS,
    "targets.confirm": SETS_TARGETS,
    "targets.decline": SETS_TARGETS,
    "planner.page": LEADS,
    "me.page": SIGNED_IN,
    "team.first": LEADS,
    "team.page": ABOUT_TEAMS,
    "staff.page": ABOUT_STAFF,
    "asked.page": SEES_ALL,
    "asked.of_team": ABOUT_TEAMS,
    "answers.page": SIGNED_IN,
    "recompute.csv_file": SIGNED_IN,
    "recompute.workbook": SIGNED_IN,
    "method.page": SIGNED_IN,
    "charts.of_everybody": SEES_ALL,
    "charts.of_team": ABOUT_TEAMS,
    "charts.of_staff": ABOUT_STAFF,
    # Nobody has a chart of their own without a staff record, which is no refusal.
    "charts.of_me": SIGNED_IN,
    # What they say: the link is the proof, whoever holds it
    "responses.page": EVERYBODY,
    "responses.take": EVERYBODY,
    "responses.thanks": EVERYBODY,
    "responses.stop": EVERYBODY,
    "responses.privacy": EVERYBODY,
    "responses.stop_now": EVERYBODY,
    # What they decide: the link in a mail, and the key that goes to the address itself
    "customers.preferences": EVERYBODY,
    "customers.prefer": EVERYBODY,
    "customers.send_key": EVERYBODY,
    "customers.key_sent": EVERYBODY,
    "customers.own": EVERYBODY,
    "customers.everything": EVERYBODY,
    "customers.export": EVERYBODY,
    "customers.withdraw": EVERYBODY,
    "customers.withdraw_now": EVERYBODY,
    "customers.erase": EVERYBODY,
    "customers.erase_now": EVERYBODY,
    # Whether all is well; /metrics asks where the question comes from, not who asks.
    "health.healthz": EVERYBODY,
    "health.readyz": EVERYBODY,
    "health.metrics": EVERYBODY,
    # Who tells us
    "api.report_interactions": BY_KEY,
    "api.show_interaction": BY_KEY,
    "api.show_responses": BY_KEY,
    "api.show_scores": BY_KEY,
    "api.take_report": BY_KEY,
    "api.show_document": EVERYBODY,
}


@dataclass
class World:
    """One person of each role, two teams, and whatever else an address may name."""

    users: dict[str, User]
    staff: dict[str, int]
    teams: dict[str, int]
    # What the address is given by the names of its parts, where it is about nobody's figures.
    parts: dict[str, object] = field(default_factory=dict)

    def objects(self, expected: Expectation) -> Iterator[tuple[str, frozenset[str], object]]:
        """Yield whom a page may be about, who may then open it, and the number to ask for."""
        if not isinstance(expected, dict):
            yield "", expected if isinstance(expected, frozenset) else frozenset(), None
            return
        for name, allowed in expected.items():
            yield name, allowed, self.staff.get(name) or self.teams.get(name)


@pytest.fixture
def world(session: Session, app: Flask) -> World:
    one, two = make_team(session, "客服一组").id, make_team(session, "客服二组").id
    staff = {
        name: make_staff(session, f"e-{name}", name=name, team_id=team).id
        for name, team in (("own", one), ("colleague", one), ("lead", one), ("stranger", two))
    }
    links = {"staff": staff["own"], "lead": staff["lead"]}
    users = {role: make_user(session, role, staff_id=links.get(role)) for role in ROLES}
    # Acted upon by the administrator's pages, so that the others stay as they are.
    victim = make_user(session, "staff")
    interaction = make_interaction(session, staff_id=staff["own"], team_id=one)
    session.commit()
    with app.test_request_context():
        token = people.password_link_token(victim)
    parts = {
        "user_id": victim.id,
        # A record nobody's page is about.
        "staff_id": make_staff(session, "e-kept", team_id=None).id,
        "team_id": one,
        "interaction_id": interaction.id,
        "key_id": 1,
        "annotation_id": 1,
        "rule_id": 1,
        "day": "2026-10-01",
        "target_id": 1,
        "touchpoint_id": 1,
        "source": "mail",
        "survey_id": 1,
        "what": "page",
        "brand_id": 1,
        "version": 1,
        "digits": "0d5c63",
        "message_id": make_message(session).id,
        "digest": "0" * 64,
        "key": "none",
        "response_id": 1,
        "token": token,
        "filename": "style.css",
    }
    return World(users, staff, {"team one": one, "team two": two}, parts)


def verdict(answer: TestResponse) -> str:
    if answer.status_code in (301, 302, 303) and answer.location.startswith("/sign-in?next="):
        return "asked to sign in"
    if answer.status_code in (302, 303) and answer.location == "/sign-in":
        return "asked to sign in or signed out"
    return {401: "asked for a key", 403: "refused"}.get(answer.status_code, "let in")


def is_right(expected: Expectation, allowed: frozenset[str], role: str, found: str) -> bool:
    if expected == BY_KEY:
        return found == "asked for a key"
    if role in allowed:
        return found == "let in" or (
            allowed == EVERYBODY and found == "asked to sign in or signed out"
        )
    return found.startswith("asked to sign in") if role == "nobody" else found == "refused"


def address_of(app: Flask, rule: Rule, world: World, number: object) -> str:
    parts: dict[str, object] = {}
    for name in rule.arguments:
        parts[name] = number if number is not None else world.parts[name]
    with app.test_request_context():
        return app.url_for(rule.endpoint, **parts)


def test_every_route_says_who_may_open_it(app: Flask) -> None:
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert endpoints - EXPECTED.keys() == set(), "say in EXPECTED who may open these"
    assert EXPECTED.keys() - endpoints == set(), "these are gone"


def test_every_role_gets_exactly_what_is_its_own(
    app: Flask, session: Session, world: World
) -> None:
    # The guard is asked here, not the form's token, which has its own tests.
    app.config["WTF_CSRF_ENABLED"] = False
    wrong = []
    for rule in app.url_map.iter_rules():
        expected = EXPECTED.get(rule.endpoint, frozenset())
        for about, allowed, number in world.objects(expected):
            address = address_of(app, rule, world, number)
            for role in ("nobody", *ROLES):
                for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                    client = app.test_client()
                    if role != "nobody":
                        sign_in(client, session, world.users[role])
                    with client.open(address, method=method) as answer:
                        found = verdict(answer)
                    if not is_right(expected, allowed, role, found):
                        wrong.append(f"{method} {address} {about} as {role}: {found}")
    assert wrong == []

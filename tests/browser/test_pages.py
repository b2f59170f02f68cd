"""Every page as its reader opens it, in both languages: axe-core finds nothing, nothing scrolls."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Browser, Page
from sqlalchemy.orm import Session

from feedback import clock
from feedback.accounts import set_up
from feedback.accounts.models import User
from feedback.accounts.passwords import hash_password
from feedback.brands.notice import publish
from feedback.interactions.models import InteractionShare, StaffMember
from feedback.invitations.models import Invitation
from feedback.links import own_key, preferences_token, survey_token
from feedback.organisation import Organisation
from feedback.outbox.models import Message
from feedback.surveys.draft import begin_version
from feedback.surveys.models import Survey
from feedback.touchpoints.models import Touchpoint
from tests.brands.stories import add_other
from tests.browser.conftest import LiveSite
from tests.conftest import missing
from tests.factories import make_interaction, make_response, make_staff, make_user
from tests.invitations.stories import report

pytestmark = pytest.mark.browser

AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
PASSWORD = "a long walk home"

# What stands in the page after Chinese punctuation and a space, but for what others wrote.
SPACED = """() => {
  document.querySelectorAll("blockquote, bdi, q").forEach(one => one.remove());
  return document.body.innerText.match(/.{0,12}[。；：，！？] +\\S.{0,12}/g) || [];
}"""

# By who opens them; {staff}, {team} and {token} are filled in.
PAGES = {
    "nobody": [
        "/sign-in", "/no-such-page", "/s/forged", "/forgotten", "/forgotten/asked",
        "/password/forged",
    ],
    "customer": [
        "/s/{token}", "/s/{token}?csat=2&nps=9", "/s/{token}/stop", "/s/{answered}",
        "/s/{token}/privacy", "/s/{branded}", "/s/{branded}/privacy", "/s/{branded}/stop",
        "/s/{answered}/thanks", "/s/{answered}?change=1", "/s/{expired}",
        "/p/{preferences}", "/p/{preferences}?saved=1", "/p/{preferences}/key", "/my/{key}",
        "/my/{key}/everything", "/my/{key}/erase", "/my/{key}/withdraw/{response}",
    ],
    "staff": [
        "/me", "/responses", "/method", "/account", "/reports", "/account/two-step",
        "/account/two-step/set-up", "/confirm?next=/responses/recompute.csv",
    ],
    "lead": ["/team", "/team/{team}/asked", "/reports/staff/{staff}", "/reports/planner"],
    "manager": [
        "/reports", "/reports?period=week&metric=nps", "/reports?rank=1&wave=2", "/team",
        "/reports/asked", "/reports/targets", "/reports/annotations", "/reports/planner?answers=x",
        "/responses?metric=csat&score=low", "/responses?text=urgent",
        "/responses?text=disagrees", "/admin/coverage",
        "/admin/touchpoints",
    ],
    "admin": [
        "/admin/queue", "/admin/coverage", "/admin/people", "/admin/keys", "/admin/organisation",
        "/admin/dry-run?from={month}-01&to={month}-28", "/admin/dry-run?from=x",
        "/admin/do-not-ask", "/admin/calendar",
        "/admin/staff", "/admin/staff/{staff}", "/admin/teams", "/admin/teams/{team}",
        "/admin/audit?check=1", "/admin/audit?from=x",
        "/admin/touchpoints", "/admin/touchpoints/1", "/admin/touchpoints/new?channel=phone",
        "/admin/surveys", "/admin/surveys/1", "/admin/surveys/new", "/admin/surveys/{draft}",
        "/admin/brands", "/admin/brands/1", "/admin/brands/2", "/admin/brands/new",
        "/admin/brands/2/preview", "/admin/brands/2/notice", "/admin/brands/2/notice/2",
        "/admin/first-hour", "/admin/mail", "/admin/staff-import", "/admin/go-live", "/admin/pause",
        "/admin/status", "/admin/retention", "/admin/staff/{staff}/held", "/account/held",
        "/admin/dry-run?alone=1", "/admin/held-answers",
    ],
}  # fmt: skip


@pytest.fixture
def places(app: Flask, session: Session) -> dict[str, object]:
    """A month of one team's work, an invitation in each state, and somebody of each role."""
    now = clock.now()
    session.add(
        Organisation(id=1, name_en="Example", name_zh="示例", contact="400-1", created_at=now)
    )
    own = make_staff(session, "e-1")
    other = make_staff(session, "e-2", name="王海涛", team_id=own.team_id)
    for number in range(24):
        member: StaffMember = (own, other)[number % 2]
        interaction = make_interaction(
            session,
            closed_at=now.replace(day=1 + number % 27),
            staff_id=member.id,
            team_id=member.team_id,
        )
        for wave in (1, 2):
            make_response(
                session, interaction, wave=wave, csat=1 + number % 5, nps=number % 11,
                comment="谢谢，<b>很好</b>" if number % 3 == 0 else None,
            )  # fmt: skip
    for number in range(6):
        interaction = make_interaction(session, staff_id=None, team_id=own.team_id)
        for member in (own, other):
            session.add(
                InteractionShare(interaction_id=interaction.id, staff_id=member.id, part=0.5)
            )
        for wave in (1, 2):
            make_response(session, interaction, wave=wave, csat=1 + number % 5)
    roles = ("staff", "lead", "manager", "admin")
    links = {"staff": own.id, "lead": other.id}
    for role in roles:
        make_user(
            session, role, email=f"{role}@example.cn", staff_id=links.get(role),
            password_hash=hash_password(PASSWORD),
        )  # fmt: skip
    survey = session.scalars(sa.select(Survey).where(Survey.key == "after")).one()
    draft = begin_version(session, survey, now).id
    tokens: dict[str, str] = {}
    with app.app_context():
        brand = add_other(app, session)
        session.execute(sa.update(Touchpoint).values(brand_id=None))
        admin = session.scalars(sa.select(User.id).where(User.role == "admin")).one()
        texts = {"zh-Hans": "{company}。", "en": "{company}."}
        publish(session, brand.id, mode="consent", templates=texts, months=24, by=admin, now=now)
        for name in ("token", "answered", "expired", "branded"):
            interaction = report(app, session, now)
            invitation = session.scalars(
                sa.select(Invitation).where(
                    Invitation.interaction_id == interaction.id, Invitation.wave == 1
                )
            ).one()
            message = Message(
                kind="invitation", recipient="a@example.cn", locale="zh-Hans", subject="", text="",
                html="", message_id=f"<{name}@example.cn>", created_at=now, send_after=now,
                sent_at=now, attempts=1,
            )  # fmt: skip
            session.add(message)
            session.flush()
            invitation.message_id, invitation.issued_at = message.id, now
            if name == "branded":
                invitation.brand_id = brand.id
            if name == "answered":
                given = make_response(session, interaction, csat=4, invitation_id=invitation.id)
                invitation.answered_at = now
                tokens["response"] = str(given.id)
                tokens["preferences"] = preferences_token(invitation.id)
                tokens["key"] = own_key(invitation.id, now)
            if name == "expired":
                invitation.expires_at = now
            tokens[name] = survey_token(invitation.id)
    session.commit()
    return {"draft": draft, "staff": own.id, "team": own.team_id, "month": f"{now:%Y-%m}", **tokens}


@pytest.fixture
def visit(live_site: LiveSite, browser: Browser, places: dict[str, object]) -> Iterator[object]:
    """Open pages as somebody, in one language and one scheme."""
    contexts = []

    def open_as(who: str, locale: str, scheme: str, width: int) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            locale=locale,
            color_scheme=scheme,  # type: ignore[arg-type]
        )
        contexts.append(context)
        page = context.new_page()
        if who in ("staff", "lead", "manager", "admin"):
            page.goto(f"{live_site.url}/sign-in")
            page.fill("input[name=email]", f"{who}@example.cn")
            page.fill("input[name=password]", PASSWORD)
            with page.expect_navigation():
                page.locator("main form button").click()
        return page

    yield open_as
    for context in contexts:
        context.close()


@pytest.mark.parametrize(
    ("locale", "scheme", "width"),
    [("zh-CN", "light", 390), ("en-GB", "dark", 1280)],
)
@pytest.mark.parametrize("who", PAGES)
def test_every_page_is_open_to_everybody(
    who: str,
    locale: str,
    scheme: str,
    width: int,
    live_site: LiveSite,
    places: dict[str, object],
    visit: object,
) -> None:
    if not AXE.exists():
        missing("axe-core")
    axe = AXE.read_text(encoding="utf-8")
    page: Page = visit(who, locale, scheme, width)  # type: ignore[operator]
    wrong = []
    for path in PAGES[who]:
        page.goto(live_site.url + path.format(**places))
        # By evaluation, since the pages let no foreign script in.
        page.evaluate(axe)
        found = page.evaluate("axe.run().then(result => result.violations)")
        wrong += [
            f"{path}: {one['id']} {[node['html'][:120] for node in one['nodes']][:3]}"
            for one in found
        ]
        wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        if wide > 0:
            wrong.append(f"{path}: scrolls {wide} px sideways")
        language = page.evaluate("document.documentElement.lang")
        if not path.startswith(("/s/{", "/p/{", "/my/{")) and language != (
            "zh-Hans" if locale == "zh-CN" else "en"
        ):
            wrong.append(f"{path}: is in {language}")
        # A survey's questions are followed by marks, such as that they must be answered.
        if locale == "zh-CN" and not path.startswith("/s/"):
            wrong += [f"{path}: a space in {found!r}" for found in page.evaluate(SPACED)]
    assert wrong == []


def test_setting_up_is_open_to_everybody(live_site: LiveSite, browser: Browser, app: Flask) -> None:
    if not AXE.exists():
        missing("axe-core")
    code = set_up.set_up_code(app.instance_path)
    page = browser.new_page()
    for path in ("/set-up", f"/set-up?code={code}"):
        page.goto(live_site.url + path)
        page.evaluate(AXE.read_text(encoding="utf-8"))
        assert page.evaluate("axe.run().then(result => result.violations.length)") == 0
    page.close()

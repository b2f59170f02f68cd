"""The page that leads through an administrator's first hour."""

from dataclasses import dataclass

from flask import Blueprint, current_app, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from feedback import clock
from feedback.accounts.access import roles_allowed
from feedback.database import db
from feedback.milestones import BACKED_UP, milestones
from feedback.operating import first_hour
from feedback.operating.first_hour import Step
from feedback.operating.going_live import Asking, asking, prepared
from feedback.operating.words import asking_words, touchpoint_words
from feedback.touchpoints.models import Touchpoint

blueprint = Blueprint("first_hour", __name__)


@dataclass(frozen=True)
class Told:
    """A step in the reader's words, and where it is done."""

    step: Step
    name: str
    what: str
    address: str
    label: str
    is_next: bool


@blueprint.get("/admin/first-hour")
@roles_allowed("admin")
def page() -> ResponseReturnValue:
    """Show the nine steps, and what is still missing."""
    session, now = db.session(), clock.now()
    found = first_hour.first_hour(session, current_app.config, now)
    if found is None:
        return redirect(url_for("accounts_admin.organisation_page"))
    backup = milestones(session).get(BACKED_UP)
    state, one = asking(session), prepared(session)
    return render_template(
        "operating/first_hour.html",
        hour=found,
        steps=[_told(step, step is found.next, state, one) for step in found.steps],
        minutes=ngettext("%(num)s minute", "%(num)s minutes", found.minutes),
        missing=first_hour.missing(current_app.config, backup.last_at if backup else None, now),
        config=current_app.config,
        state=state,
        state_words=asking_words(state),
    )


def _told(step: Step, is_next: bool, state: Asking, one: Touchpoint | None) -> Told:
    name, what, address, label = _words(step, state, one)[step.key]
    return Told(step, name, what, address, label, is_next)


def _words(
    step: Step, state: Asking, one: Touchpoint | None
) -> dict[str, tuple[str, str, str, str]]:
    return {
        first_hour.SET_UP: (
            _("Set up"),
            _("The organisation and its first administrator."),
            url_for("accounts_admin.organisation_page"),
            _("Organisation"),
        ),
        first_hour.APPEARANCE: (
            _("What customers see"),
            _("The name, and whom they can ask: both stand in every mail."),
            *_appearance(),
        ),
        first_hour.STAFF: (
            _("Staff"),
            ngettext("%(num)s person is known.", "%(num)s people are known.", int(step.detail))
            if step.key == first_hour.STAFF and step.is_done
            else _("From a list, CSV or Excel. Nobody is sent anything."),
            url_for("staff_import.page"),
            _("Import staff"),
        ),
        first_hour.CONTACTS: (
            _("Contacts"),
            _("Contacts come in.")
            if step.is_done
            else _(
                "From the system that handles them: make a key for it, or import a file with"
                " flask import interactions."
            ),
            url_for("accounts_admin.keys_page"),
            _("API keys"),
        ),
        first_hour.MAIL: (
            _("Mail"),
            _("The server took a test mail: %(words)s", words=step.detail)
            if step.is_done
            else _("The mail server, and a test mail to yourself."),
            url_for("mail_settings.page"),
            _("Mail settings"),
        ),
        first_hour.TEMPLATE: (
            _("Where to begin"),
            touchpoint_words(one)
            if step.is_done and one
            else _("One kind of contact and one team, with questions, delay and limits filled in."),
            url_for("go_live.page"),
            _("Choose"),
        ),
        first_hour.SIMULATION: (
            _("Simulation"),
            _("Contacts → invitations: %(numbers)s", numbers=step.detail.partition(": ")[2])
            if step.is_done
            else _("What it would have come to in the last 30 days, to the last contact."),
            url_for("go_live.page") + "#ready",
            _("Simulate"),
        ),
        first_hour.LIVE: (
            _("Go live"),
            asking_words(state)
            if step.is_done
            else _("For this one team; everything else stays off, and a pause is always at hand."),
            url_for("go_live.page") + "#ready",
            _("Go live"),
        ),
        first_hour.BACKUP: (
            _("Backup"),
            _("In one command, while the site works: flask backup FILE"),
            url_for("status.page"),
            _("Status"),
        ),
    }


def _appearance() -> tuple[str, str]:
    """Return where what customers see is set: the brands' page, where this version has one."""
    for rule in current_app.url_map.iter_rules():
        if rule.rule == "/admin/brands" and "GET" in (rule.methods or ()):
            return url_for(rule.endpoint), str(_("Brands"))
    return url_for("accounts_admin.organisation_page"), str(_("Organisation"))

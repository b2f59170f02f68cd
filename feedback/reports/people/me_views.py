"""One's own page: scores, trend, comments, and who looked at them."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from feedback.accounts.access import current_user, signed_in
from feedback.accounts.frame import role_name
from feedback.accounts.look import looks_at
from feedback.reports.people import asked_words
from feedback.reports.people.asked_views import asked_by
from feedback.reports.people.person import read_person_filters, show_person
from feedback.reports.people.who_was_asked import TESTED_FROM
from feedback.reports.reader import this_reader

blueprint = Blueprint("me", __name__)

_LOOKS = 20


@blueprint.get("/me")
@signed_in
def page() -> ResponseReturnValue:
    """Show one's own figures; nobody sees more of them than oneself."""
    staff = current_user.staff
    if staff is None:
        return render_template("reports/no_staff_record.html")
    reader = this_reader().at_own_page()
    asked, _wrong = read_person_filters(reader)
    found = asked_by(reader, asked)
    looks = looks_at(reader.session, staff.id, _LOOKS)
    return show_person(
        "reports/me.html",
        reader,
        staff,
        "me.page",
        "charts.of_me",
        {},
        looks=looks,
        found=found,
        own_work=found.people.get(staff.id),
        asked_words=asked_words,
        tested_from=TESTED_FROM,
        role_name=role_name,
        look_words=look_words,
    )


def look_words(page: str) -> str:
    """Return the name of a page that was looked at."""
    names = {
        "staff": _("Your page"),
        "team": _("Your team’s page"),
        "reports": _("Reports"),
        "answers": _("Answers"),
        "asked": _("Who was asked"),
        "recompute": _("Answers, as a file"),
    }
    return str(names.get(page, page))

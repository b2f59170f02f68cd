"""The frame round every page: who we are, where one can go, and in which language."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode

from flask import Flask, current_app, g, request
from flask_babel import format_date, format_datetime, get_locale
from flask_babel import gettext as _
from markupsafe import Markup, escape
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from feedback.accounts.access import current_user
from feedback.accounts.admin_places import Place, admin_groups, place
from feedback.accounts.browsers import browser_name
from feedback.accounts.models import User
from feedback.accounts.networks import network_name
from feedback.database import db
from feedback.languages import gap, html_language, language_code, own_name
from feedback.organisation import Organisation, the_organisation

_MOMENT = {"zh": "y年M月d日 HH:mm", "en": "d MMM y, HH:mm", "de": "d. MMM y, HH:mm"}
_DAY = {"zh": "y年M月d日", "en": "d MMMM y", "de": "d. MMMM y"}
# "80 %" and "(78–82 %)", with or without a space before the sign.
_PERCENTAGE = re.compile(r"[(（]?(?:[\d.,]+–)?[\d.,]+[ \u00a0]?%[)）]?")
_LANGUAGES = (("zh", "中文"), ("en", "English"))


@dataclass(frozen=True)
class Language:
    """A language the same page can be read in."""

    tag: str
    name: str
    address: str
    here: bool


def install_frame(app: Flask) -> None:
    """Give every template what its frame needs; nothing is read before a template asks."""
    # A global, since macros imported without a context write sentences, too.
    app.jinja_env.globals["gap"] = gap
    app.jinja_env.filters["moment"] = _moment
    app.jinja_env.filters["day"] = _day
    app.jinja_env.filters["unbroken"] = _unbroken
    app.jinja_env.filters["browser_name"] = browser_name
    app.jinja_env.filters["network_name"] = network_name
    app.context_processor(
        lambda: {
            "current_user": current_user,
            "the_organisation": _organisation,
            "places": _places,
            "admin_groups": admin_groups,
            "page_languages": _page_languages,
            "page_locale": page_locale,
            "page_language": _language,
            "html_language": html_language,
        }
    )


def first_page_of(user: User) -> str:
    """Return the address of the page somebody with this role most likely wants."""
    return {"staff": "/me", "lead": "/team"}.get(user.role, "/reports")


def role_name(role: str) -> str:
    """Return the role's name in the reader's language."""
    names = {
        "staff": _("Staff"),
        "lead": _("Lead"),
        "manager": _("Manager"),
        "analyst": _("Analyst"),
        "admin": _("Admin"),
    }
    return str(names[role])


def _organisation() -> Organisation | None:
    return the_organisation(db.session())


def _places() -> list[Place]:
    if not current_user.is_authenticated:
        return []
    role, found = current_user.role, []
    if current_user.staff_id is not None or role == "staff":
        found.append(place("/me", _("My scores")))
    if role == "lead":
        found.append(place("/team", _("My team")))
    if role in ("manager", "analyst", "admin"):
        found.append(place("/reports", _("Reports")))
        found.append(place("/team", _("Teams")))
    if role != "staff" or current_user.staff_id is not None:
        found.append(place("/responses", _("Answers")))
    if role in ("manager", "analyst"):
        found.append(place("/admin/coverage", _("Coverage")))
    if role == "admin":
        found.append(place("/admin/queue", _("Administration"), "/admin"))
    return found


def page_locale() -> str:
    """Return the language of this page: "zh" or "en"."""
    return "zh" if str(get_locale()).startswith("zh") else "en"


def _language() -> str:
    """Return the tag of the page's language; customers' pages speak more than the two of ours."""
    return str(g.get("language") or html_language(page_locale()))


def _page_languages() -> list[Language]:
    """Return this very address in each language, with everything else it says."""
    path = _readable_path()
    rest = [pair for pair in request.args.items(multi=True) if pair[0] != "lang"]
    here = language_code(_language())
    return [
        Language(tag, name, f"{path}?{urlencode([*rest, ('lang', tag)])}", tag == here)
        for tag, name in _languages()
    ]


def _readable_path() -> str:
    """Return the path of this page, or of the one above it where this one answers only a form."""
    path, adapter = request.path, current_app.create_url_adapter(request)
    while request.method == "POST" and adapter is not None and len(path) > 1:
        try:
            adapter.match(path, method="GET")
        except MethodNotAllowed:
            path = path.rpartition("/")[0]
        except HTTPException:
            break
        else:
            break
    return path


def _languages() -> list[tuple[str, str]]:
    offered = g.get("languages")
    if not offered or set(offered) == {"en", "zh-Hans"}:
        return list(_LANGUAGES)
    return [(language_code(tag), own_name(tag)) for tag in offered]


def _moment(moment: datetime) -> str:
    # The clock has 24 hours in every language, and seconds are nobody's business.
    return str(format_datetime(moment, _MOMENT.get(get_locale().language, _MOMENT["en"])))


def _day(moment: datetime | date) -> str:
    # A moment has its day in the organisation's zone; a day is what it is.
    written = format_datetime if isinstance(moment, datetime) else format_date
    return str(written(moment, _DAY.get(get_locale().language, _DAY["en"])))


def _unbroken(words: str) -> Markup:
    """Return a sentence whose percentages and intervals stay on one line each."""
    return Markup(  # noqa: S704 — what is written is escaped before anything is put round it.
        _PERCENTAGE.sub(r'<span class="nowrap">\g<0></span>', str(escape(words)))
    )

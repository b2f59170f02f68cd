"""Where the site is reached, and its zone and language: asked on a page unless given elsewhere."""

from datetime import datetime

from flask import current_app, request
from sqlalchemy.orm import Session

from feedback import chosen
from feedback.accounts.forms import SiteForm

# The settings, and the fields that ask for them.
_FIELDS = {"PUBLIC_URL": "public_url", "TIMEZONE": "zone", "DEFAULT_LOCALE": "language"}


def site_defaults() -> dict[str, str]:
    """Return what the fields show at first; a site nobody gave an address has this page's."""
    config = current_app.config
    nobody_said = config["PUBLIC_URL"].startswith(("http://127.0.0.1", "http://localhost"))
    return {
        "public_url": request.host_url.rstrip("/") if nobody_said else config["PUBLIC_URL"],
        "zone": config["TIMEZONE"],
        "language": config["DEFAULT_LOCALE"],
    }


def leave_out_given(form: SiteForm) -> dict[str, str]:
    """Take the fields out that are given elsewhere; return where, by the setting's name."""
    places = {name: chosen.where_else(current_app, name) for name in _FIELDS}
    given = {name: where for name, where in places.items() if where is not None}
    for name in given:
        del form[_FIELDS[name]]
    return given


def choose_site(session: Session, form: SiteForm, now: datetime) -> dict[str, str]:
    """Keep what the form says of the site; return what is new. The caller commits and refreshes."""
    config = current_app.config
    values = {name: form[field].data for name, field in _FIELDS.items() if field in form}
    # What is so anyway is not chosen: a site moved to another port goes on by its own address.
    values = {name: value for name, value in values.items() if config[name] != value}
    chosen.choose(session, values, keys=chosen.keys_of(config), now=now)
    return values

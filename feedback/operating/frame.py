"""What stands above every page of administration: whether anybody is asked, and what is next."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Flask, current_app, request

from feedback import clock
from feedback.accounts.access import current_user
from feedback.database import db
from feedback.health.finding import Finding
from feedback.health.findings import lamps
from feedback.operating.first_hour import FirstHour, first_hour
from feedback.operating.going_live import Asking, asking
from feedback.operating.lamp_words import lamp_names
from feedback.operating.words import asking_words
from feedback.organisation import the_organisation

# Whoever has not come to an end by then has decided otherwise; the page is still there.
_LEADS_FOR = timedelta(days=14)


@dataclass(frozen=True)
class Strip:
    """Whether anybody is asked just now, and the first hour while it lasts."""

    state: Asking
    words: str
    hour: FirstHour | None
    # What is wrong with the installation itself: its name, and whether that is bad, and why.
    lamps: list[tuple[str, Finding]]


def install_frame(app: Flask) -> None:
    """Give the frame what it shows to administrators; nothing is read before it asks."""
    app.context_processor(lambda: {"asking_strip": _strip})


def _strip() -> Strip | None:
    # Before set-up there is nobody; others than administrators cannot do anything about it.
    if not current_user.is_authenticated or current_user.role != "admin":
        return None
    if not request.path.startswith("/admin"):
        return None
    session, now = db.session(), clock.now()
    state, organisation = asking(session), the_organisation(session)
    hour = None
    if organisation and not organisation.is_demo and now - organisation.created_at < _LEADS_FOR:
        hour = first_hour(session, current_app.config, now)
    return Strip(
        state, asking_words(state), hour if hour and not hour.is_over else None, _lamps(now)
    )


def _lamps(now: datetime) -> list[tuple[str, Finding]]:
    # The status page says all of it, and more.
    if request.path == "/admin/status":
        return []
    lit = lamps(db.session(), current_app.config, now)
    return [(lamp_names()[one.name], one) for one in lit]

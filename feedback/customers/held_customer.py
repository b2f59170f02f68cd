"""Everything held about one customer as an administrator takes it out for them."""

from datetime import datetime
from typing import Any

from flask import current_app
from flask_babel import get_locale
from sqlalchemy.orm import Session

from feedback.config import AnswerPolicy
from feedback.customers.held import held
from feedback.customers.own_answers import contacts_of
from feedback.customers.prefer import ASKED, Wishes, wishes_of
from feedback.languages import survey_language
from feedback.retention.person import Person


def held_by_reference(session: Session, person: Person, now: datetime) -> dict[str, Any]:
    """Return it in the form that customers get behind their own key."""
    config = current_app.config
    contacts = contacts_of(
        session,
        person,
        locale=str(get_locale()),
        policy=AnswerPolicy.from_config(config),
        now=now,
    )
    invitations = [
        wave.invitation for one in contacts for wave in one.waves if wave.invitation is not None
    ]
    # Wishes are an address's; the latest contact's is the one they read today.
    wishes = (
        wishes_of(session, invitations[0], config, now)
        if invitations
        else Wishes(ASKED, frozenset(), survey_language(config["DEFAULT_LOCALE"]) or "en")
    )
    return held(session, person, contacts, wishes, now)

"""The page of what somebody wants from us, behind the link in every mail."""

from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa
from flask import Response, current_app, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session, joinedload

from feedback import links
from feedback.customers.doorway import (
    blueprint,
    opens_preferences,
    own_page,
    url_for,
    was_shown,
)
from feedback.customers.mail_key import mail_key
from feedback.customers.prefer import ASKED, ASKING, Wishes, prefer, wishes_of
from feedback.database import commit_once, db, reading
from feedback.interactions.contacts import is_valid_address
from feedback.invitations.models import Invitation
from feedback.languages import OWN_LANGUAGES, language_code, own_name, survey_language
from feedback.outbox.suppress import is_own_wish
from feedback.responses.opening import Opened
from feedback.responses.stop import PAUSE_MONTHS, silence_of
from feedback.responses.stop_kind import kinds_shown


@blueprint.get("/p/<token>", endpoint="preferences")
@opens_preferences
def show(opened: Opened, now: datetime) -> ResponseReturnValue:
    """Show what is in force. Nothing is written."""
    return _page(opened, now, saved="saved" in request.args)


@blueprint.post("/p/<token>", endpoint="prefer")
@opens_preferences
def save(opened: Opened, now: datetime) -> ResponseReturnValue:
    """Put in force what was chosen; a post from no page of ours changes nothing."""
    session, config = db.session(), current_app.config
    if not was_shown(opened, "preferences"):
        return _page(opened, now, status=422, wrong=_not_stored())
    asking, locale = request.form.get("asking", ""), request.form.get("language", "")
    kept = survey_language(locale)
    if asking not in ASKING:
        return _page(
            opened, now, status=422, wrong=_("Please choose whether you want to be asked.")
        )
    if kept not in OWN_LANGUAGES:
        return _page(opened, now, status=422, wrong=_("Please choose a language of those shown."))
    chosen = {
        int(text) for text in request.form.getlist("kind") if text.isascii() and text.isdigit()
    }

    def work() -> None:
        invitation = _locked(session, opened.invitation.id)
        wishes = Wishes(asking, frozenset(chosen), kept)
        silence = silence_of(session, invitation, config, now)
        if silence is not None and not is_own_wish(silence):
            # The mail system's reason is not the owner's to lift, nor to be hidden under a wish.
            wishes = replace(wishes, asking=ASKED)
        prefer(session, invitation, config, wishes, now)

    commit_once(session, work)
    return redirect(url_for("preferences", saved=1), 303)


@blueprint.post("/p/<token>/key", endpoint="send_key")
@opens_preferences
def send_key(opened: Opened, now: datetime) -> ResponseReturnValue:
    """Mail the key to the address itself, whoever asks; the page says the same every time."""
    session = db.session()
    if not was_shown(opened, "key"):
        return _page(opened, now, status=422, wrong=_not_stored())
    commit_once(
        session,
        lambda: mail_key(session, _locked(session, opened.invitation.id), current_app.config, now),
    )
    return redirect(url_for("key_sent"), 303)


@blueprint.get("/p/<token>/key", endpoint="key_sent")
@opens_preferences
def say_where_the_key_is(opened: Opened, now: datetime) -> ResponseReturnValue:
    """Say to which address the key goes, and how long it opens."""
    return own_page("key_sent", opened, hours=_hours())


def _locked(session: Session, invitation_id: int) -> Invitation:
    return session.scalars(
        sa.select(Invitation)
        .where(Invitation.id == invitation_id)
        .options(joinedload(Invitation.interaction))
        .with_for_update(of=Invitation)
    ).one()


def _not_stored() -> str:
    return str(_("Nothing has been changed yet. Please look at your choices and press once more."))


def _hours() -> int:
    return int(links.OWN_KEY_LASTS.total_seconds() // 3600)


def _page(
    opened: Opened, now: datetime, *, status: int = 200, saved: bool = False, wrong: str = ""
) -> Response:
    config = current_app.config
    with reading():
        session = db.session()
        invitation = session.merge(opened.invitation, load=False)
        silence = silence_of(session, invitation, config, now)
        wishes = wishes_of(session, invitation, config, now)
        channels = kinds_shown(session, invitation, config)
        session.close()
    nonces = {
        purpose: links.page_nonce(opened.invitation.id, purpose=purpose, now=now)
        for purpose in ("preferences", "key")
    }
    return own_page(
        "preferences",
        opened,
        status=status,
        saved=saved,
        wrong=wrong,
        wishes=wishes,
        silence=silence,
        is_own_wish=is_own_wish(silence),
        is_reachable=is_valid_address(opened.interaction.customer_email or ""),
        channels=channels,
        months=PAUSE_MONTHS,
        hours=_hours(),
        languages=[(tag, language_code(tag), own_name(tag)) for tag in OWN_LANGUAGES],
        nonces=nonces,
    )

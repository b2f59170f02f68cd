"""The page behind «no more mails like this»: it asks, and a POST acts at once."""

from datetime import datetime

import sqlalchemy as sa
from flask import current_app, g, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session, joinedload

from feedback import links
from feedback.database import commit_once, db, reading
from feedback.interactions.channel_words import channel_words
from feedback.invitations.models import Invitation
from feedback.outbox.suppress import is_own_wish
from feedback.responses import stop
from feedback.responses.doorway import opens_link, page, preferences_path, url_for
from feedback.responses.opening import Opened
from feedback.responses.pages import answer_policy, ended_page
from feedback.responses.stop_kind import stop_kind
from feedback.responses.suspects import is_in_company, is_too_soon


@opens_link
def ask(opened: Opened, now: datetime) -> ResponseReturnValue:
    """Ask whether, or say since when, nothing more is sent. Nothing is written."""
    if opened.state == "erased":
        return ended_page(opened)
    return _page(opened, now)


@opens_link
def act(opened: Opened, now: datetime) -> ResponseReturnValue:
    """Stop, pause, or take that back.

    Whoever holds the link may stop the mails to its address, without a nonce: a mail program's own
    button posts blindly, and nobody may find it harder to leave than to stay. Taking it back is
    for who was shown the page; and where the page's own button was pressed as machines press it,
    the page asks once more.
    """
    wish = request.form.get("how", "")
    if wish != "undo" and _is_mechanical(opened, now):
        return _page(opened, now, again=True)
    session, config = db.session(), current_app.config

    def work() -> None:
        invitation = _locked(session, opened.invitation.id)
        if wish == "undo":
            if _shown(opened, "undo"):
                stop.undo(session, invitation, config, now)
        elif wish == "kind":
            stop_kind(session, invitation, config, invitation.interaction.channel_id, now)
        else:
            stop.stop(session, invitation, config, now, pausing=wish == "pause")

    commit_once(session, work)
    if wish == "kind":
        return redirect(preferences_path(opened, saved=1), 303)
    if wish:
        return redirect(url_for("stop"), 303)
    # Mail programs that post by themselves follow no redirect (RFC 8058).
    return page("stopped", opened=opened, silence=None, may_undo=False, survey_url=url_for)


def _is_mechanical(opened: Opened, now: datetime) -> bool:
    """Tell whether our page's button was pressed too soon, or amid the mail's other buttons."""
    shown = _shown(opened, "stop", "stop again")
    if shown is None:
        return False
    if is_too_soon(shown.at, now, answer_policy().press_after):
        return True
    # Asked once more already, and in no hurry: whoever that is means it.
    if shown.purpose == "stop again":
        return False
    with reading():
        found = is_in_company(db.session(), opened.invitation.id, now)
        db.session.close()
    return found


def _locked(session: Session, invitation_id: int) -> Invitation:
    return session.scalars(
        sa.select(Invitation)
        .where(Invitation.id == invitation_id)
        .options(joinedload(Invitation.interaction))
        .with_for_update(of=Invitation)
    ).one()


def _shown(opened: Opened, *purposes: str) -> links.Shown | None:
    """Return the showing of our page that was sent, if it is this link's and was for this."""
    shown = links.read_page_nonce(request.form.get("nonce", ""))
    if shown is None or shown.invitation_id != opened.invitation.id:
        return None
    return shown if shown.purpose in purposes else None


def _page(opened: Opened, now: datetime, *, again: bool = False) -> ResponseReturnValue:
    with reading():
        silence = stop.silence_of(db.session(), opened.invitation, current_app.config, now)
        db.session.close()
    may_undo = is_own_wish(silence)
    has_stopped = may_undo or (silence is not None and opened.invitation.stopped_at is not None)
    return page(
        "stopped" if has_stopped else "stop",
        status=422 if again else 200,
        opened=opened,
        again=again,
        asked=links.page_nonce(
            opened.invitation.id, purpose="stop again" if again else "stop", now=now
        ),
        silence=silence,
        may_undo=may_undo,
        channel=channel_words(opened.interaction.channel, g.language),
        months=stop.PAUSE_MONTHS,
        nonce=links.page_nonce(opened.invitation.id, purpose="undo", now=now),
        survey_url=url_for,
    )

"""Takes a customer's answer, once, whoever sends it how often and at the same time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.invitations.fate import state
from feedback.invitations.models import Invitation
from feedback.outbox.models import Message
from feedback.responses.exchange import exchange_answers, write_answers
from feedback.responses.given import NO_CONSENT, Consent, GivenAnswer
from feedback.responses.models import Response
from feedback.responses.suspects import TOO_SOON, is_quick, note_quick_post, set_aside


class Outcome(Enum):
    """What became of an answer that was sent."""

    TAKEN = "taken"
    # There was one already; who sent this gets the same receipt.
    REPEATED = "repeated"
    # Held for a machine's; a person is asked to press Send once more.
    SUSPECTED = "suspected"
    # Expired, stopped or closed between the page and the answer.
    ENDED = "ended"


@dataclass(frozen=True)
class Press:
    """A button pressed: on which showing of which invitation's page, and with which score."""

    invitation_id: int
    shown_at: datetime
    page: str
    # The score of the question that stands in the mail, whose options are its links.
    leading_score: int | None
    # Pressed sooner than anybody can have read the page.
    is_too_soon: bool = False


@dataclass(frozen=True)
class Sent:
    """An answer as it was sent, and what it says."""

    press: Press
    answers: Sequence[GivenAnswer]
    locale: str
    provenance: str
    # The version of the privacy notice on the page it was sent from, and what was ticked there.
    notice_id: int | None = None
    consent: Consent = NO_CONSENT


def submit(session: Session, sent: Sent, now: datetime) -> Outcome:
    """Take the answer in the caller's transaction, or say why there was nothing to take.

    Done twice, it finds what it did the first time; the unique keys of `response` are the last
    line where two processes disagree.
    """
    invitation = _locked(session, sent.press)
    if invitation is None:
        return Outcome.ENDED
    response = _response_to(session, invitation)
    if _is_mechanical(session, sent.press, now) and set_aside(invitation, response, now):
        return Outcome.SUSPECTED
    if response is not None and response.suspected_at is None:
        # Another system may have brought the answer before the invitation went out.
        invitation.answered_at = invitation.answered_at or response.answered_at
    if invitation.answered_at is not None:
        return Outcome.REPEATED
    if state(invitation, now) != "invited":
        return Outcome.ENDED
    if sent.press.is_too_soon:
        # Kept for the administrator to see, once; whoever presses next takes its place.
        if response is None:
            _record(session, invitation, sent, now, suspected=TOO_SOON)
        return Outcome.SUSPECTED
    if not _close(session, invitation, now):
        return Outcome.REPEATED
    if response is None:
        _record(session, invitation, sent, now)
    else:
        _answer_instead(session, response, sent, now)
    _cancel_reminder(session, invitation, now)
    return Outcome.TAKEN


def ask_for_change(session: Session, press: Press, now: datetime) -> Outcome:
    """Note that somebody came by a link of the mail and wants to change the answer that stands.

    A scanner that goes through the links one by one finds this button from the second link on; it
    is how that scanner is told, since opening a page is never noted.
    """
    invitation = _locked(session, press)
    if invitation is None:
        return Outcome.ENDED
    response = _response_to(session, invitation)
    if _is_mechanical(session, press, now) and set_aside(invitation, response, now):
        return Outcome.SUSPECTED
    return Outcome.REPEATED


def _locked(session: Session, press: Press) -> Invitation | None:
    """Return the invitation; its lock makes those who press at the same moment take turns."""
    return session.scalars(
        sa.select(Invitation).where(Invitation.id == press.invitation_id).with_for_update()
    ).one_or_none()


def _response_to(session: Session, invitation: Invitation) -> Response | None:
    return session.scalars(
        sa.select(Response).where(
            Response.interaction_id == invitation.interaction_id, Response.wave == invitation.wave
        )
    ).one_or_none()


def _is_mechanical(session: Session, press: Press, now: datetime) -> bool:
    if press.leading_score is None or not is_quick(press.shown_at, now):
        return False
    return note_quick_post(session, press.invitation_id, press.leading_score, press.page, now)


def _close(session: Session, invitation: Invitation, now: datetime) -> bool:
    """Mark the invitation answered if nobody has; the condition decides, not an earlier look."""
    taken = session.execute(
        sa.update(Invitation)
        .where(Invitation.id == invitation.id, Invitation.answered_at.is_(None))
        .values(answered_at=now)
        .returning(Invitation.id)
    )
    return taken.scalar() is not None


def _record(
    session: Session,
    invitation: Invitation,
    sent: Sent,
    now: datetime,
    *,
    suspected: str | None = None,
) -> None:
    response = Response(
        interaction_id=invitation.interaction_id,
        invitation_id=invitation.id,
        survey_id=invitation.survey_id,
        wave=invitation.wave,
        locale=sent.locale,
        provenance=sent.provenance,
        shown_at=sent.press.shown_at,
        answered_at=now,
        changed_at=now,
        suspected_at=now if suspected else None,
        suspected_because=suspected,
    )
    _note_consent(response, sent, now)
    session.add(response)
    session.flush()
    write_answers(session, response, sent.answers)


def _answer_instead(session: Session, response: Response, sent: Sent, now: datetime) -> None:
    """Let a person's answer stand where a machine's was held; what that said is kept."""
    exchange_answers(session, response, sent.answers, now)
    response.suspected_at = response.suspected_because = None
    # Whatever was struck out, it was not this.
    response.excluded_at = response.excluded_because = None
    response.locale, response.provenance = sent.locale, sent.provenance
    response.shown_at, response.answered_at, response.changed_at = sent.press.shown_at, now, now
    _note_consent(response, sent, now)
    session.flush()


def _note_consent(response: Response, sent: Sent, now: datetime) -> None:
    response.notice_id = sent.notice_id
    response.agreed_at = now if sent.consent.agreed else None
    response.contact_agreed_at = now if sent.consent.may_contact else None


def _cancel_reminder(session: Session, invitation: Invitation, now: datetime) -> None:
    """Keep a reminder from going out that is queued but on nobody's wire yet."""
    if invitation.reminder_id is not None:
        session.execute(
            sa.update(Message)
            .where(
                Message.id == invitation.reminder_id,
                Message.claimed_at.is_(None),
                Message.sent_at.is_(None),
                Message.failed_at.is_(None),
                Message.cancelled_at.is_(None),
            )
            .values(cancelled_at=now)
        )

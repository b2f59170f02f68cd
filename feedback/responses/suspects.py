"""Tells a scanner that presses the buttons of a mail from the person the mail is for.

Nobody reads a page and presses its button in under a second (`PRESS_AFTER_SECONDS`): an answer sent
so soon is held for a machine's from the start, and its invitation stays open.

Some mail scanners open every rating link of a mail and press the button of each page. One such
press looks like a person's; three of them, for different scores, on different pages, each within
seconds of its page, do not. Then the answer that stands, if it is one of them, is held for a
machine's: it is in no figure, its invitation is open again, and whoever answers next, taking the
time to look at the page, answers in its stead. The rule looks at two minutes only, so that a
scanner never locks the person out (docs/decisions/0009).
"""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.invitations.models import Invitation
from feedback.responses.models import QuickPost, Response

QUICK = timedelta(seconds=3)
WITHIN = timedelta(minutes=2)
DIFFERENT = 3
BECAUSE = "quick_posts"
TOO_SOON = "too_soon"


def is_quick(shown_at: datetime | None, posted_at: datetime) -> bool:
    """Tell whether a page was sent sooner than most people have read it."""
    return shown_at is not None and posted_at - shown_at < QUICK


def is_too_soon(shown_at: datetime, posted_at: datetime, press_after: timedelta) -> bool:
    """Tell whether a page was sent sooner than anybody can have read it.

    A clock that was set back in between says nothing about whoever pressed.
    """
    return timedelta(0) <= posted_at - shown_at < press_after


def is_in_company(session: Session, invitation_id: int, now: datetime) -> bool:
    """Tell whether a machine has just been pressing the buttons behind this link."""
    scores, pages = session.execute(
        sa.select(sa.func.count(), sa.func.count(sa.distinct(QuickPost.page))).where(
            QuickPost.invitation_id == invitation_id, QuickPost.posted_at > now - WITHIN
        )
    ).one()
    return bool(min(scores, pages) >= DIFFERENT)


def note_quick_post(
    session: Session, invitation_id: int, score: int, page: str, now: datetime
) -> bool:
    """Note a quick post; tell whether with it somebody has sent what no person would.

    The caller holds the invitation's lock, so that of several at once each sees those before it.
    """
    post = QuickPost(invitation_id=invitation_id, score=score, page=page, posted_at=now)
    session.merge(post)
    session.flush()
    return is_in_company(session, invitation_id, now)


def set_aside(invitation: Invitation, response: Response | None, now: datetime) -> bool:
    """Hold the answer that stands for a machine's, if it is one of the quick ones.

    Return whether nobody's answer stands now: a person who took the time keeps theirs, whatever a
    scanner does after them.
    """
    if response is None or response.suspected_at is not None:
        return True
    if response.invitation_id != invitation.id or response.amended_at is not None:
        return False
    # Taken back by a person, it is nobody's to answer anew.
    if response.withdrawn_at is not None:
        return False
    if response.answered_at <= now - WITHIN:
        return False
    if not is_quick(response.shown_at, response.answered_at):
        return False
    response.suspected_at, response.suspected_because = now, BECAUSE
    response.changed_at = now
    invitation.answered_at = None
    return True

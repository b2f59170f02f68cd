"""Reads and keeps what the owner of an address wants: whether asked, about what, in which words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from feedback.invitations.letter import letter_language
from feedback.invitations.models import Invitation
from feedback.languages import OWN_LANGUAGES
from feedback.outbox.models import MailLanguage, Suppression
from feedback.outbox.suppress import is_own_wish
from feedback.responses.stop import digests_of, silence_of, stop, undo
from feedback.responses.stop_kind import kinds_shown, kinds_stopped, resume_kind, stop_kind

ASKED, PAUSED, STOPPED = "ask", "pause", "stop"
ASKING = (ASKED, PAUSED, STOPPED)


@dataclass(frozen=True)
class Wishes:
    """Whether somebody wants to be asked, about contacts on which channels, in which language."""

    asking: str
    # Of the channels shown, those about which they may be asked.
    channels: frozenset[int]
    locale: str
    # The codes of those about which they may not be asked, for the file they take along.
    not_about: tuple[str, ...] = ()


def wishes_of(
    session: Session, invitation: Invitation, config: Mapping[str, Any], now: datetime
) -> Wishes:
    """Return what is in force for the invitation's address."""
    shown = kinds_shown(session, invitation, config)
    stopped = kinds_stopped(session, invitation, config)
    return Wishes(
        asking=_asking(silence_of(session, invitation, config, now)),
        channels=frozenset({channel.id for channel in shown} - stopped),
        locale=letter_language(session, invitation, config["DEFAULT_LOCALE"], OWN_LANGUAGES),
        not_about=tuple(channel.code for channel in shown if channel.id in stopped),
    )


def _asking(silence: Suppression | None) -> str:
    if silence is None:
        return ASKED
    return PAUSED if silence.reason == "paused" else STOPPED


def prefer(
    session: Session,
    invitation: Invitation,
    config: Mapping[str, Any],
    wishes: Wishes,
    now: datetime,
) -> None:
    """Put these wishes in force; whatever they leave as it is stays untouched.

    A button pressed on a page that was only opened thus changes nothing. Adds and flushes; the
    caller commits. Done twice, it is done.
    """
    before = wishes_of(session, invitation, config, now)
    if wishes.asking == ASKED:
        if is_own_wish(silence_of(session, invitation, config, now)):
            undo(session, invitation, config, now)
    elif wishes.asking != before.asking:
        stop(session, invitation, config, now, pausing=wishes.asking == PAUSED)
    for channel in kinds_shown(session, invitation, config):
        if channel.id not in wishes.channels and channel.id in before.channels:
            stop_kind(session, invitation, config, channel.id, now)
        elif channel.id in wishes.channels and channel.id not in before.channels:
            resume_kind(session, invitation, config, channel.id)
    if wishes.locale != before.locale:
        _choose_language(session, invitation, config, wishes.locale, now)
    session.flush()


def _choose_language(
    session: Session,
    invitation: Invitation,
    config: Mapping[str, Any],
    locale: str,
    now: datetime,
) -> None:
    for digest in digests_of(invitation, config):
        session.merge(MailLanguage(address_digest=digest, locale=locale, chosen_at=now))

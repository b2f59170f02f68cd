"""The words for what is in the outbox, in the reader's language."""

import re

from flask_babel import LazyString, lazy_gettext

from feedback.interactions.contacts import mask_address
from feedback.outbox import queue
from feedback.outbox.deliver import SUPPRESSED
from feedback.outbox.models import Message
from feedback.outbox.overrule import BY_HAND

_STATES: dict[str, LazyString] = {
    queue.WAITING: lazy_gettext("Waiting"),
    queue.SENDING: lazy_gettext("Being sent"),
    queue.UNCERTAIN: lazy_gettext("Uncertain"),
    queue.FAILED: lazy_gettext("Given up"),
    queue.SENT: lazy_gettext("Sent"),
    queue.RETURNED: lazy_gettext("Came back"),
    queue.CANCELLED: lazy_gettext("Cancelled"),
}
_KINDS: dict[str, LazyString] = {
    "invitation": lazy_gettext("Invitation"),
    "follow_up": lazy_gettext("Follow-up"),
    "reminder": lazy_gettext("Reminder"),
    "own_link": lazy_gettext("Link to one's own answers"),
    "password_link": lazy_gettext("Link for a password"),
    "account": lazy_gettext("Account"),
}
_WHY_CANCELLED: dict[str, LazyString] = {
    SUPPRESSED: lazy_gettext("Not to be written to"),
    "answered": lazy_gettext("Answered before it went out"),
    "stopped": lazy_gettext("The customer has stopped us"),
    "expired": lazy_gettext("The link ended before it went out"),
    "kind_stopped": lazy_gettext("The customer wants no mails of this kind"),
    "erased": lazy_gettext("Erased at the customer's wish"),
    "account_closed": lazy_gettext("Nobody signs in with this address any more"),
    BY_HAND: lazy_gettext("Cancelled by hand"),
}
_BOUNCES: dict[str, LazyString] = {
    "hard": lazy_gettext("No such mailbox"),
    "soft": lazy_gettext("Could not be delivered"),
    "blocked": lazy_gettext("Turned away as unwanted; says nothing about the address"),
    "complaint": lazy_gettext("Complained of as spam"),
}
_SUPPRESSIONS: dict[str, LazyString] = {
    "unsubscribed": lazy_gettext("Unsubscribed"),
    "paused": lazy_gettext("Paused by the customer"),
    "hard_bounce": lazy_gettext("Came back as undeliverable"),
    "complaint": lazy_gettext("Complained of as spam"),
    "refused": lazy_gettext("Refused by the mail server: no such mailbox"),
    "erased": lazy_gettext("Erased at the customer's wish"),
}


def state_label(state: str) -> str:
    """Return the state's name."""
    return str(_STATES.get(state, state))


def kind_label(kind: str) -> str:
    """Return the name of a kind of mail."""
    return str(_KINDS.get(kind, kind))


def why_cancelled(reason: str | None) -> str:
    """Return why a message was cancelled."""
    return str(_WHY_CANCELLED.get(reason or "", reason or ""))


def bounce_label(kind: str) -> str:
    """Return what a kind of return means."""
    return str(_BOUNCES.get(kind, kind))


def suppression_label(reason: str) -> str:
    """Return why an address is not written to."""
    return str(_SUPPRESSIONS.get(reason, reason))


def said(message: Message) -> str:
    """Return the server's words without the address in them, which servers like to repeat."""
    words, address = message.server_reply or "–", re.escape(message.recipient)
    return re.sub(address, lambda found: mask_address(found[0]), words, flags=re.IGNORECASE)

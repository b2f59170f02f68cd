"""The reasons for withholding an invitation, in the reader's words."""

from flask_babel import LazyString, lazy_gettext

from feedback.invitations import eligibility

_LABELS: dict[str, LazyString] = {
    eligibility.NO_ADDRESS: lazy_gettext("No address"),
    eligibility.INVALID_ADDRESS: lazy_gettext("Invalid address"),
    eligibility.OWN_STAFF: lazy_gettext("Address of our own staff"),
    eligibility.NOBODY: lazy_gettext("Closed by nobody"),
    eligibility.TOO_OLD: lazy_gettext("Too long ago"),
    eligibility.DO_NOT_ASK: lazy_gettext("Not asked about by a rule: kind, segment or tag"),
    eligibility.SUPPRESSED: lazy_gettext("Not to be written to"),
    eligibility.KIND_STOPPED: lazy_gettext("Wants no mails of this kind"),
    eligibility.RECONTACT: lazy_gettext("Asked too recently"),
    eligibility.MERGED: lazy_gettext("Asked together with a later contact"),
    eligibility.FOLLOW_UP_CAP: lazy_gettext("Followed up too recently"),
    eligibility.FIRST_WAVE_WITHHELD: lazy_gettext("Not reached the first time"),
    eligibility.SAMPLED_OUT: lazy_gettext("Not drawn in the sample"),
    eligibility.FIRST_WAVE_UNANSWERED: lazy_gettext("Did not answer the first time"),
    eligibility.FIRST_WAVE_ANSWERED: lazy_gettext("Answered the first time"),
    eligibility.ANSWERED_ELSEWHERE: lazy_gettext("Has answered elsewhere"),
    eligibility.ERASED: lazy_gettext("Erased at the customer's wish"),
    eligibility.NOT_LIVE: lazy_gettext("Not live when it was planned"),
}


def reason_label(reason: str) -> str:
    """Return the reason's name in the reader's language; an unknown one stands for itself."""
    return str(_LABELS.get(reason, reason))

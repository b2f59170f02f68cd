"""Why somebody must not be asked, or None if they may. Rules only: no database, no clock."""

from datetime import datetime, timedelta

NO_ADDRESS = "no_address"
INVALID_ADDRESS = "invalid_address"
OWN_STAFF = "own_staff"
NOBODY = "nobody"
TOO_OLD = "too_old"
# A rule of the organisation: this kind of contact, segment or tag is not asked about.
DO_NOT_ASK = "do_not_ask"
SUPPRESSED = "suppressed"
# The customer wants no mails about contacts on this channel.
KIND_STOPPED = "kind_stopped"
# Whatever told who the customer was has been erased, as they asked.
ERASED = "erased"
RECONTACT = "recontact"
# A later contact of the same day or so is asked about, and one mail stands for both.
MERGED = "merged"
FOLLOW_UP_CAP = "follow_up_cap"
FIRST_WAVE_WITHHELD = "first_wave_withheld"
# The touchpoint asks about a share of its interactions, and this one was not drawn.
SAMPLED_OUT = "sampled_out"
# The touchpoint asks again only those who answered the first time, or only those who did not.
FIRST_WAVE_UNANSWERED = "first_wave_unanswered"
FIRST_WAVE_ANSWERED = "first_wave_answered"
# Another system has their answer; only what brings that answer in can know.
ANSWERED_ELSEWHERE = "answered_elsewhere"
# Planned while the site stood still, at a touchpoint that was then not among those gone live with.
NOT_LIVE = "not_live"

# Who is asked again where no touchpoint says: whoever was asked the first time.
NO_RULE = "all"

REASONS = (
    NO_ADDRESS,
    INVALID_ADDRESS,
    OWN_STAFF,
    NOBODY,
    TOO_OLD,
    DO_NOT_ASK,
    SUPPRESSED,
    KIND_STOPPED,
    RECONTACT,
    MERGED,
    FOLLOW_UP_CAP,
    FIRST_WAVE_WITHHELD,
    SAMPLED_OUT,
    FIRST_WAVE_UNANSWERED,
    FIRST_WAVE_ANSWERED,
    ANSWERED_ELSEWHERE,
    ERASED,
    NOT_LIVE,
)


def reason_on_arrival(
    *,
    address: str | None,
    address_is_valid: bool,
    address_is_own: bool,
    has_staff: bool,
    is_barred: bool,
    age: timedelta,
    max_age: timedelta,
) -> str | None:
    """Return why no invitation will go out, from what is known as the interaction arrives."""
    if age > max_age:
        return TOO_OLD
    if is_barred:
        return DO_NOT_ASK
    if not has_staff:
        return NOBODY
    if not address:
        return NO_ADDRESS
    if not address_is_valid:
        return INVALID_ADDRESS
    return OWN_STAFF if address_is_own else None


def reason_at_issue(
    *,
    wave: int,
    now: datetime,
    expires_at: datetime,
    address_is_own: bool,
    is_barred: bool,
    is_suppressed: bool,
    is_kind_stopped: bool,
    first_wave_issued: bool,
    first_wave_answered: bool,
    follow_up: str,
    last_asked_at: datetime | None,
    recontact: timedelta,
) -> str | None:
    """Return why an invitation that is due must not go out after all.

    `last_asked_at` is when the customer was last issued an invitation of this same wave: the
    recontact interval limits first waves, and follow-ups have a cap of the same length. `follow_up`
    is the touchpoint's rule of who is asked again: "all", "answered", "unanswered", or "off", which
    plans none and takes none back that was planned before.
    """
    if address_is_own:
        return OWN_STAFF
    if now >= expires_at:
        return TOO_OLD
    if is_barred:
        return DO_NOT_ASK
    if is_suppressed:
        return SUPPRESSED
    if is_kind_stopped:
        return KIND_STOPPED
    if wave == 2 and not first_wave_issued:
        return FIRST_WAVE_WITHHELD
    if wave == 2 and follow_up == "answered" and not first_wave_answered:
        return FIRST_WAVE_UNANSWERED
    if wave == 2 and follow_up == "unanswered" and first_wave_answered:
        return FIRST_WAVE_ANSWERED
    if last_asked_at is not None and now - last_asked_at < recontact:
        return RECONTACT if wave == 1 else FOLLOW_UP_CAP
    return None

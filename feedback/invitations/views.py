"""The coverage page: what became of every interaction, and whom we did not ask, and why."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import Blueprint, current_app, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _

from feedback import clock
from feedback.accounts.access import current_user, roles_allowed
from feedback.addresses import row_number
from feedback.config import InvitationPolicy
from feedback.database import db
from feedback.interactions.contacts import mask_address
from feedback.interactions.models import Channel
from feedback.invitations.calendar import is_estimated
from feedback.invitations.coverage import (
    Account,
    Which,
    accounting,
    by_channel,
    by_month,
    withheld,
)
from feedback.invitations.eligibility import REASONS
from feedback.invitations.own_days import own_days
from feedback.invitations.reasons import reason_label
from feedback.invitations.unmet import MOST, unmet

blueprint = Blueprint("invitations", __name__)

# What a first look shows; more is one date field away.
_SHOWN_DAYS = 90


@dataclass(frozen=True)
class Row:
    """One line of the accounting table."""

    label: str
    account: Account


@blueprint.get("/admin/coverage")
@roles_allowed("manager", "analyst", "admin")
def coverage_page() -> ResponseReturnValue:
    """Account for every interaction, and list the withheld ones."""
    session = db.session()
    channels = list(session.scalars(sa.select(Channel).order_by(Channel.id)))
    wrong: list[str] = []
    which = _which(channels, wrong)
    before = request.args.get("before", type=row_number)
    listed, next_before = withheld(session, which, before)
    by = "month" if request.args.get("by") == "month" else "channel"
    text = render_template(
        "admin/coverage.html",
        which=which,
        by=by,
        channels=channels,
        channel_code=request.args.get("channel", ""),
        rows=_rows(which, by, channels),
        total=accounting(session, which),
        listed=listed,
        older=_address(before=next_before) if next_before else None,
        newest=_address(before=None) if before else None,
        address=_address,
        reasons=REASONS,
        reason_label=reason_label,
        mask_address=mask_address,
        wrong=wrong,
        unmet=unmet(session, which),
        most_unmet=MOST,
        may_plan=current_user.role == "admin",
        estimated_year=_estimated_year() if which.wave == 2 else None,
    )
    return make_response(text, 400 if wrong else 200)


def _estimated_year() -> int | None:
    """Return the year whose working days follow-ups planned now can only estimate, or None."""
    policy = InvitationPolicy.from_config(current_app.config)
    day = clock.now().astimezone(policy.zone).date() + timedelta(days=policy.follow_up_days)
    if not is_estimated(day) or day.year in {own.year for own in own_days(db.session())}:
        return None
    return day.year


def _rows(which: Which, by: str, channels: list[Channel]) -> list[Row]:
    session = db.session()
    if by == "month":
        return [Row(f"{day:%Y-%m}", found) for day, found in by_month(session, which).items()]
    found = by_channel(session, which)
    return [
        Row(channel.name(str(get_locale())), found[channel.id])
        for channel in channels
        if channel.id in found
    ]


def _which(channels: list[Channel], wrong: list[str]) -> Which:
    """Read the filters in the address; what cannot be read is told in `wrong` and left out."""
    today = clock.now().astimezone(ZoneInfo(current_app.config["TIMEZONE"])).date()
    which = Which(
        start=_day("from", today - timedelta(days=_SHOWN_DAYS), wrong), end=_day("to", None, wrong)
    )
    wave, code = request.args.get("wave", "1"), request.args.get("channel", "")
    because = request.args.get("because", "")
    if wave in ("1", "2"):
        which = replace(which, wave=int(wave))
    else:
        wrong.append(_("There is no wave %(wave)s.", wave=wave))
    numbers = {channel.code: channel.id for channel in channels}
    if code in numbers:
        which = replace(which, channel_id=numbers[code])
    elif code:
        wrong.append(_("There is no channel %(code)s.", code=code))
    if because in REASONS:
        which = replace(which, because=because)
    elif because:
        wrong.append(_("There is no reason %(reason)s.", reason=because))
    return which


def _day(name: str, default: date | None, wrong: list[str]) -> date | None:
    text = request.args.get(name)
    if text is None:
        return default
    # An emptied field means: however long ago.
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        wrong.append(_("%(text)s is not a date such as 2026-09-30.", text=text))
        return default


def _address(**changes: str | int | None) -> str:
    """Return this very page's address with some of its filters changed; None takes one away."""
    asked = {**request.args.to_dict(), "before": None, **changes}
    found = {name: value for name, value in asked.items() if value is not None}
    return f"{request.path}?{urlencode(found)}"

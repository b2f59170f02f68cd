"""How long a period stays provisional: until almost all answers used to have come."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import current_app, g
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from feedback.interactions.models import Interaction
from feedback.measures.follow_up import settling_days
from feedback.reports.kept import kept
from feedback.responses.models import Response, that_counts

# The part of all answers that must have come.
SHARE = 0.95
# Fewer answers than these tell nothing about the slowest twentieth of them.
LEAST_ANSWERS = 100
# What holds where there are too few: days after the contact, or after its follow-up was due.
USUAL_DAYS = 5
# A contact late in the evening cannot be answered on its own day. Who answers after a month has
# been lost sight of by every invitation, and a moment that far away is rather a file's than theirs.
FEWEST_DAYS, MOST_DAYS = 1, 30
# The newest contacts that are looked at, whether or not they were answered: what bounds the cost.
_CONTACTS = 10_000


@dataclass(frozen=True)
class Settling:
    """After how many days from its last a period is settled, and how many answers say so.

    `answers` is 0 where the fixed number of days holds.
    """

    days: int
    answers: int


def settling(session: Session, *, zone: ZoneInfo, now: datetime) -> Mapping[int, Settling]:
    """Return for each wave after how many days from its last a period is settled.

    Counted from the day of the contact, in wave 2 as well, of contacts old enough that whoever
    answers has answered. Kept until an answer is added or changed, or the day is over.
    """
    follow_up_days: int = current_app.config["FOLLOW_UP_DAYS"]
    today = now.astimezone(zone).date()

    def work_out() -> Mapping[int, Settling]:
        return {
            wave: _settling(session, wave, zone=zone, today=today, begins=begins)
            for wave, begins in ((1, 0), (2, follow_up_days))
        }

    # A page asks for dozens of figures; whether what is kept still holds is asked once for all.
    key = ("settling", today, zone.key, follow_up_days)
    if g.get("settling", (None, None))[0] != key:
        g.settling = key, kept(session, key, work_out)
    found: Mapping[int, Settling] = g.settling[1]
    return found


def _settling(session: Session, wave: int, *, zone: ZoneInfo, today: date, begins: int) -> Settling:
    """Return the wave's; no answer to it comes sooner than `begins` days after the contact."""
    fewest, most, usual = begins + FEWEST_DAYS, begins + MOST_DAYS, begins + USUAL_DAYS
    own: list[int] = []
    imported: list[int] = []
    for day, answered_at, provenance in _answers(session, wave, today - timedelta(days=most)):
        delay = (answered_at.astimezone(zone).date() - day).days
        # Before there was anything to answer: a slip in a file.
        if delay >= begins:
            (imported if provenance == "import" else own).append(delay)
    if len(own) >= LEAST_ANSWERS:
        return Settling(min(max(settling_days(own, SHARE) or 0, fewest), most), len(own))
    together = own + imported
    if len(together) >= LEAST_ANSWERS:
        # Another system's export often has the day of the contact, or its own, for that of the
        # answer. Such moments may lengthen the wait; that there is none they do not prove.
        return Settling(min(max(settling_days(together, SHARE) or 0, usual), most), len(together))
    return Settling(usual, 0)


def _answers(session: Session, wave: int, last: date) -> list[tuple[date, datetime, str]]:
    """Return the day, the moment and the origin of the answers about the newest settled contacts.

    All answers of a contact are among them, slow ones too: picked by the moment of the answer, the
    quick would come in before the slow.
    """
    contacts = (
        sa.select(Interaction.id, Interaction.day)
        .where(Interaction.day <= last)
        .order_by(Interaction.day.desc(), Interaction.id.desc())
        .limit(_CONTACTS)
        .subquery()
    )
    rows = session.execute(
        sa.select(contacts.c.day, Response.answered_at, Response.provenance)
        .join(Response, Response.interaction_id == contacts.c.id)
        .where(Response.wave == wave, that_counts())
    )
    return [(day, answered_at, provenance) for day, answered_at, provenance in rows]


def settling_words(found: Settling) -> str:
    """Return until when a figure is provisional, and what says so."""
    if found.answers:
        return str(
            ngettext(
                "Provisional until %(days)s day after its last day: %(share)s of 100 answers had"
                " come by then.",
                "Provisional until %(days)s days after its last day: %(share)s of 100 answers had"
                " come by then.",
                found.days,
                days=found.days,
                share=round(100 * SHARE),
            )
        )
    return str(
        _(
            "Provisional until %(days)s days after its last day: there are too few answers yet to"
            " tell how late they come.",
            days=found.days,
        )
    )

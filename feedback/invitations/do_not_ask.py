"""Rules of whom not to ask: contacts of a kind, of a segment or with a tag."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session, joinedload

from feedback.accounts.models import User
from feedback.accounts.people import NotPossible
from feedback.interactions.fields import channel_code
from feedback.invitations.models import DoNotAsk

WHAT = ("kind", "segment", "tag")
_LONGEST = {"value": 120, "reason": 200}


@dataclass(frozen=True)
class Rules:
    """The rules in force, compared as names are: without regard to case, width and spacing."""

    values: frozenset[tuple[str, str]]

    def bar(self, kind: str, segment: str, tags: str) -> bool:
        """Tell whether contacts of this kind, segment and these tags are not asked about."""
        if not self.values:
            return False
        named = [("kind", kind), ("segment", segment), *(("tag", tag) for tag in tags.split(";"))]
        return any((what, channel_code(value)) in self.values for what, value in named)


def rules_in_force(session: Session) -> Rules:
    """Return the rules that hold now."""
    live = sa.select(DoNotAsk.what, DoNotAsk.value).where(DoNotAsk.ended_at.is_(None))
    return Rules(frozenset((what, value) for what, value in session.execute(live)))


def all_rules(session: Session) -> Iterable[DoNotAsk]:
    """Return every rule there was, those in force first and then the newest."""
    return session.scalars(
        sa.select(DoNotAsk)
        .order_by(DoNotAsk.ended_at.is_not(None), DoNotAsk.id.desc())
        .options(joinedload(DoNotAsk.made_by))
    )


def stop_asking(
    session: Session, what: str, value: str, reason: str, by: User, now: datetime
) -> DoNotAsk:
    """Add a rule, in force at once: what waits is withheld as it comes due.

    Raises NotPossible naming the field whose rule is broken.
    """
    compared, reason = channel_code(value), " ".join(reason.split())
    if what not in WHAT:
        raise NotPossible("what", _("Choose one of: kind, segment, tag."))
    for name, text in (("value", compared), ("reason", reason)):
        if not text:
            raise NotPossible(name, _("This is required."))
        if len(text) > _LONGEST[name]:
            raise NotPossible(name, _("At most %(most)s characters.", most=_LONGEST[name]))
    if (what, compared) in rules_in_force(session).values:
        raise NotPossible("value", _("There is such a rule already."))
    rule = DoNotAsk(what=what, value=compared, reason=reason, made_at=now, made_by_id=by.id)
    session.add(rule)
    session.flush()
    return rule


def ask_again(session: Session, rule: DoNotAsk, by: User, now: datetime) -> None:
    """End a rule; what was withheld by it stays withheld."""
    if rule.ended_at is None:
        rule.ended_at, rule.ended_by_id = now, by.id
        session.flush()

"""The look at whether what is old is forgotten, as agreed to and as customers are told."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from feedback.health.finding import Finding, ago
from feedback.retention.periods.agreed import (
    agreed_since,
    lengths_agreed,
    lengths_in_force,
    waiting,
)
from feedback.retention.periods.lengths import breaks_the_promise
from feedback.retention.periods.run import last_run
from feedback.retention.periods.words import kind_words, summary

# Every day, and one may be missed.
_LATE = timedelta(days=2)


def retention(session: Session, config: Mapping[str, Any], now: datetime) -> Finding:
    """Tell when what is too old was last forgotten, and what keeps it from being so."""
    words, agreed = kind_words(), lengths_agreed(session)
    if not agreed and waiting(session, config):
        why = _("nothing is deleted by age: nobody has agreed to the lengths yet")
        return Finding("retention", "warn", why)
    lengths = lengths_in_force(session, config)
    if lengths and (late := breaks_the_promise({"answers": 0, **lengths})):
        named = _("; ").join(words[name] for name in late)
        why = _("kept for longer than the privacy notice says: %(classes)s", classes=named)
        return Finding("retention", "warn", why)
    if shorter := waiting(session, config):
        named = _("; ").join(words[name] for name in shorter)
        why = _("a shorter length waits for somebody to agree: %(classes)s", classes=named)
        return Finding("retention", "warn", why)
    if not lengths:
        return Finding("retention", "ok", _("everything is kept for ever, as it is set"))
    last = last_run(session)
    if last is None or last.ended_at is None:
        is_late = now - agreed_since(session) > _LATE
        return Finding("retention", "warn" if is_late else "ok", _("has not run yet"))
    age = now - last.ended_at
    why = _("ran %(ago)s: %(what)s", ago=ago(age), what=summary(last.counts()))
    return Finding("retention", "warn" if age > _LATE else "ok", why)

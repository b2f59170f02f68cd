"""What a look at one thing finds, and the words for how long ago something was."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from flask_babel import ngettext

# "unknown" is what cannot be looked at, because of something else that is bad.
State = Literal["ok", "warn", "bad", "unknown"]


@dataclass(frozen=True)
class Finding:
    """What looking at one thing found."""

    name: str
    state: State
    why: str


def ago(span: timedelta) -> str:
    """Return how long ago something was, in the largest unit that fits."""
    seconds = max(0, int(span.total_seconds()))
    if seconds >= 86400:
        return str(ngettext("%(num)s day ago", "%(num)s days ago", seconds // 86400))
    if seconds >= 3600:
        return str(ngettext("%(num)s hour ago", "%(num)s hours ago", seconds // 3600))
    if seconds >= 60:
        return str(ngettext("%(num)s minute ago", "%(num)s minutes ago", seconds // 60))
    return str(ngettext("%(num)s second ago", "%(num)s seconds ago", seconds))


def lasting(now: datetime, since: datetime) -> str:
    """Return for how long something has been so, in seconds or minutes."""
    seconds = max(0, int((now - since).total_seconds()))
    if seconds >= 120:
        return str(ngettext("%(num)s minute", "%(num)s minutes", seconds // 60))
    return str(ngettext("%(num)s second", "%(num)s seconds", seconds))

"""What is said about pausing and going live, in the reader's words."""

from flask_babel import format_datetime, ngettext
from flask_babel import gettext as _

from feedback.accounts.frame import page_locale
from feedback.invitations.backlog import Backlog
from feedback.operating.going_live import Asking
from feedback.touchpoints.models import Touchpoint


def backlog_words(backlog: Backlog) -> list[str]:
    """Return what goes out after a pause, and what does not, in sentences."""
    lines = [str(_("Asking goes on."))]
    going = backlog.going
    if going and backlog.last_at is not None:
        lines.append(
            ngettext(
                "%(num)s mail that became due meanwhile goes out one by one, the last at %(at)s.",
                "%(num)s mails that became due meanwhile go out one by one, the last at %(at)s.",
                going,
                at=format_datetime(backlog.last_at, "yyyy-MM-dd HH:mm"),
            )
        )
    if backlog.too_late:
        lines.append(
            ngettext(
                "%(num)s invitation is too late by now; it is withheld with that reason.",
                "%(num)s invitations are too late by now; they are withheld with that reason.",
                backlog.too_late,
            )
        )
    return lines


def asking_words(state: Asking) -> str:
    """Return whether anybody is asked just now, and where, in a few words."""
    if state.pause is not None:
        return str(_("Paused"))
    if not state.live:
        return str(_("Not live"))
    if teams := state.only_teams:
        between = "、" if page_locale() == "zh" else ", "
        return str(_("Live: %(teams)s", teams=between.join(team.name for team in teams)))
    return str(_("Live"))


def touchpoint_words(one: Touchpoint) -> str:
    """Return a touchpoint's name, and its team where it is for one."""
    name = one.name(page_locale())
    return f"{name} · {one.team.name}" if one.team is not None else name

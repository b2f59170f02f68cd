"""What the plan says of a touchpoint, in the reader's words; no part of it is left empty."""

from flask_babel import gettext as _
from flask_babel import ngettext

from feedback.reports.aims.outcomes import percent
from feedback.touchpoints.models import Touchpoint


def delay_words(minutes: int) -> str:
    """Return how long after the contact the first mail goes out: "at once", "2 hours"."""
    if minutes == 0:
        return str(_("At once"))
    if minutes % 1440 == 0:
        return str(ngettext("After %(num)s day", "After %(num)s days", minutes // 1440))
    if minutes % 60 == 0:
        return str(ngettext("After %(num)s hour", "After %(num)s hours", minutes // 60))
    return str(ngettext("After %(num)s minute", "After %(num)s minutes", minutes))


def rate_words(rate: float) -> str:
    """Return a share as it was set: "20 %", "12.5 %"."""
    return percent(f"{100 * rate:.10g}")


def audience_words(touchpoint: Touchpoint) -> str:
    """Return whom it asks, of the interactions it takes."""
    if touchpoint.sampling_rate >= 1:
        return str(_("Everybody"))
    if touchpoint.sampling_rate <= 0:
        return str(_("Nobody"))
    return str(
        _(
            "%(share)s, drawn at random (seed %(seed)s)",
            share=rate_words(touchpoint.sampling_rate),
            seed=touchpoint.seed,
        )
    )


def follow_up_words(rule: str) -> str:
    """Return who is asked again after 30 days."""
    names = {
        "all": _("Everybody who was asked"),
        "answered": _("Only those who answered"),
        "unanswered": _("Only those who did not answer"),
        "off": _("Nobody"),
    }
    return str(names[rule])


def state_words(touchpoint: Touchpoint) -> str:
    """Return whether it is live."""
    if touchpoint.is_live:
        return str(_("Live"))
    return str(_("Off")) if touchpoint.live_since else str(_("Not live yet"))


def asking_words(channel: str) -> str:
    """Return by what it asks."""
    return str({"mail": _("By e-mail")}[channel])

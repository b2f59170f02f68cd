"""Puts a control chart into words: its marks, its limits, its events, and what it cannot see."""

from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from feedback.measures.control_chart import RUN
from feedback.reports.aims.outcomes import late_words, target_value_words
from feedback.reports.dates import day_words, span_words
from feedback.reports.figures import Figure, interval_words, value_words
from feedback.reports.spans import Span
from feedback.reports.trends.baselines import BASELINE, Controlled
from feedback.reports.trends.control import Control, Event
from feedback.touchpoints.targets import Applied


def mark_words(one: Controlled) -> str:
    """Return why a point is news; nothing where it is none."""
    if one.mark == "outside":
        return str(_("outside the limits"))
    if one.mark == "run":
        return str(_("one of %(number)s or more in a row on one side", number=RUN))
    return ""


def limits_words(metric: str, one: Controlled) -> str:
    """Return the limits that hold for a point, as an interval is written; a dash without any."""
    return "–" if one.limits is None else interval_words(metric, *one.limits)


def event_words(event: Event) -> str:
    """Return what happened, without its day."""
    if event.version is None:
        return event.text
    return str(_("The question was put in other words (version %(number)s).", number=event.version))


def dated_words(event: Event) -> str:
    """Return what happened, with its day."""
    return str(_("%(day)s: %(text)s", day=day_words(event.day), text=event_words(event)))


def instead_words(control: Control) -> str:
    """Return what is said where there are no limits yet; nothing where there are."""
    if control.progress.is_flat:
        return str(
            _("All answers of the baseline are alike, so no limits can be worked out from them.")
        )
    if control.progress.is_whole:
        return ""
    have = control.progress.have
    words = {
        "week": _("Building a baseline: %(have)s of %(of)s weeks", have=have, of=BASELINE),
        "month": _("Building a baseline: %(have)s of %(of)s months", have=have, of=BASELINE),
        "quarter": _("Building a baseline: %(have)s of %(of)s quarters", have=have, of=BASELINE),
    }
    return str(words[control.trend.period])


def centre_words(control: Control) -> str:
    """Return what the line across is, with {value} where its value goes."""
    words = {
        "week": _("Line across: the baseline, %(number)s weeks together: {value}", number=BASELINE),
        "month": _(
            "Line across: the baseline, %(number)s months together: {value}", number=BASELINE
        ),
        "quarter": _(
            "Line across: the baseline, %(number)s quarters together: {value}", number=BASELINE
        ),
    }
    return str(words[control.trend.period])


def thin_words(control: Control) -> str:
    """Return that the answers are too few to see much; nothing where they are not."""
    if not control.is_thin or control.typical is None:
        return ""
    n = int(control.typical)
    if control.trend.metric == "ces":
        words = {
            "week": _("With so few answers a week (usually %(n)s), this chart cannot see a change"
                      " of half a point.", n=n),
            "month": _("With so few answers a month (usually %(n)s), this chart cannot see a change"
                       " of half a point.", n=n),
            "quarter": _("With so few answers a quarter (usually %(n)s), this chart cannot see a"
                         " change of half a point.", n=n),
        }  # fmt: skip
    else:
        words = {
            "week": _("With so few answers a week (usually %(n)s), this chart cannot see a change"
                      " of 10 points.", n=n),
            "month": _("With so few answers a month (usually %(n)s), this chart cannot see a change"
                       " of 10 points.", n=n),
            "quarter": _("With so few answers a quarter (usually %(n)s), this chart cannot see a"
                         " change of 10 points.", n=n),
        }  # fmt: skip
    return str(words[control.trend.period])


def remarks(control: Control) -> list[str]:
    """Return what must be said with the chart: what it cannot see, and targets set late."""
    return [*filter(None, [thin_words(control)]), *map(late_words, control.late)]


def target_label(control: Control, one: Applied) -> str:
    """Return what a target's line is called."""
    return str(_("Target %(value)s", value=target_value_words(control.trend.metric, one.value)))


def said_beside(control: Control) -> list[str]:
    """Return all that the chart says besides its points, for those who read the table."""
    centre = control.points[-1].centre if control.points else None
    said = [instead_words(control)]
    if centre is not None:
        value = value_words(control.trend.metric, centre)
        said.append(centre_words(control).format(value=value))
    if any(one.limits is not None for one in control.points):
        said.append(marks_sentence(control))
    said += [
        _(
            "%(target)s, %(days)s",
            target=target_label(control, one),
            days=span_words(Span(one.first, one.last)),
        )
        for one in control.targets
    ]
    return [*filter(None, said), *remarks(control)]


def marks_sentence(control: Control) -> str:
    """Return how many points are news and why, for those who do not see the chart."""
    marks = [one.mark for one in control.points]
    held = [one for one in control.points if one.limits is not None]
    if not held:
        return instead_words(control) or str(_("There are no limits here."))
    outside, run = marks.count("outside"), marks.count("run")
    if not outside and not run:
        return str(_("No point is outside the limits, and there is no long run on one side."))
    said = []
    if outside:
        said.append(
            ngettext(
                "%(num)s point is outside the limits",
                "%(num)s points are outside the limits",
                outside,
            )
        )
    if run:
        said.append(
            ngettext(
                "%(num)s point is one of %(row)s or more in a row on one side",
                "%(num)s points are among %(row)s or more in a row on one side",
                run,
                row=RUN,
            )
        )
    return ended(str(_("; ")).join(map(str, said)))


def with_limits(said: str, figure: Figure, one: Controlled) -> str:
    """Return what is said of a figure with the limits and the middle that hold for it, if any."""
    if one.limits is None or one.centre is None:
        return said
    return str(
        _(
            "%(said)s, limits %(limits)s about %(centre)s",
            said=said,
            limits=limits_words(figure.metric, one),
            centre=value_words(figure.metric, one.centre),
        )
    )


def ended(text: str) -> str:
    """Return the text with the full stop of the reader's language."""
    return text + ("。" if str(get_locale()).startswith("zh") else ".")

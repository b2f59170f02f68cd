"""Says in one sentence what a chart shows, for those who do not see it."""

from flask_babel import gettext as _
from flask_babel import ngettext

from feedback.languages import gap
from feedback.reports.dates import part_words
from feedback.reports.figures import Figure, answers_words, metric_words, value_words, wave_words
from feedback.reports.gather import Trend
from feedback.reports.people.people_funnel import PeopleFunnel
from feedback.reports.trends.control import Control
from feedback.reports.trends.control_words import ended, marks_sentence, with_limits


def trend_finding(trend: Trend) -> str:
    """Return the latest settled figure of each line."""
    found = []
    for line in trend.lines:
        known = [
            (part, figure)
            for part, figure in zip(trend.parts, line.figures, strict=True)
            if figure.has_value
        ]
        # The latest periods are still filling up, so they are no finding where others are known.
        settled = [one for one in known if not one[1].provisional] or known
        if settled:
            part, figure = settled[-1]
            found.append(
                _(
                    "%(name)s in %(period)s %(figure)s",
                    name=line.label,
                    period=part_words(part, trend.period),
                    figure=_in_full(figure),
                )
            )
    if not found:
        metric = metric_words(trend.metric)
        return str(_("%(metric)s: too few answers to show.", metric=metric))
    said = str(_("; ")).join(map(str, found))
    return ended(str(_("%(metric)s: %(said)s", metric=metric_words(trend.metric), said=said)))


def control_finding(control: Control) -> str:
    """Return the latest settled figure with its limits, and how many points are news."""
    metric = metric_words(control.trend.metric)
    known = [
        (part, figure, one)
        for part, figure, one in zip(
            control.trend.parts, control.figures, control.points, strict=True
        )
        if figure.has_value
    ]
    settled = [one for one in known if not one[1].provisional] or known
    if not settled:
        return str(_("%(metric)s: too few answers to show.", metric=metric))
    part, figure, one = settled[-1]
    said = _(
        "%(metric)s, %(wave)s: in %(period)s %(figure)s",
        metric=metric,
        wave=wave_words(control.wave).lower(),
        period=part_words(part, control.trend.period),
        figure=_in_full(figure),
    )
    return f"{ended(with_limits(str(said), figure, one))}{gap()}{marks_sentence(control)}"


def funnel_finding(people: PeopleFunnel) -> str:
    """Return how many lie where chance alone would carry them; no names, and no order."""
    outside = sum(1 for dot in people.dots if dot.outside)
    return str(
        ngettext(
            "CSAT of %(number)s person by how many answers they have, about the common"
            " %(centre)s: %(outside)s outside the limits of chance at 99.8 %%.",
            "CSAT of %(number)s people by how many answers they have, about the common"
            " %(centre)s: %(outside)s outside the limits of chance at 99.8 %%.",
            len(people.dots),
            number=len(people.dots),
            centre=value_words("csat", people.centre),
            outside=outside,
        )
    )


def _in_full(figure: Figure) -> str:
    return str(
        _(
            "%(value)s (%(answers)s, 95 %% interval %(interval)s)",
            value=figure.value_words,
            answers=answers_words(figure.n or 0),
            interval=figure.interval_words,
        )
    )

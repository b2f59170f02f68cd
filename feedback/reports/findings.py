"""Says in one sentence what a chart shows, for those who do not see it."""

from collections.abc import Sequence

from flask_babel import gettext as _

from feedback.reports.control import Control
from feedback.reports.control_words import ended, marks_sentence, with_limits
from feedback.reports.dates import part_words
from feedback.reports.figures import Figure, answers_words, metric_words, wave_words
from feedback.reports.gather import Row, Trend


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
    return f"{metric_words(trend.metric)}: {'; '.join(found)}."


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
    return f"{ended(with_limits(str(said), figure, one))} {marks_sentence(control)}"


def rows_finding(metric: str, rows: Sequence[Row], total: Figure) -> str:
    """Return what all have in common; to name the first and the last would be a league table."""
    shown = sum(1 for row in rows if row.figures[0].has_value)
    return str(
        _(
            "%(metric)s of %(number)s by name, each with its 95 %% interval; all together"
            " %(figure)s.",
            metric=metric_words(metric),
            number=shown,
            figure=_in_full(total) if total.has_value else total.n_words,
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

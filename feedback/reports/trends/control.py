"""Gathers a control chart: a metric's figures over time, each held against a frozen baseline."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from statistics import median

import sqlalchemy as sa

from feedback.interactions.models import Interaction
from feedback.reports.figures import Figure, figure_of
from feedback.reports.filters import Filters
from feedback.reports.gather import WAVES, About, Trend, trend
from feedback.reports.periods import between, start_of
from feedback.reports.reader import Reader
from feedback.reports.spans import Part, Span, parts
from feedback.reports.trends.annotations import annotations_for
from feedback.reports.trends.baselines import Controlled, Period, Progress, controlled
from feedback.reports.trends.breaks import reworded
from feedback.touchpoints.models import Target
from feedback.touchpoints.targets import Applied, applied, lines_of, set_late, subjects_of

# With fewer answers in a usual period, a fall of ten points within half a year is missed more often
# than it is found.
SEES_FROM = 15


@dataclass(frozen=True)
class Event:
    """What happened on a day: somebody's words, or a question's new version; it may break."""

    day: date
    text: str
    breaks: bool
    version: int | None = None


@dataclass(frozen=True)
class Control:
    """A trend of both waves, and of one of them what holds for each of its points, in order.

    `typical` is how many answers its settled points usually have, None without any.
    """

    trend: Trend
    wave: int
    points: tuple[Controlled, ...]
    typical: float | None
    events: tuple[Event, ...]
    targets: tuple[Applied, ...]
    # Set after their days had begun, be they replaced since.
    late: tuple[Target, ...]

    @property
    def figures(self) -> tuple[Figure, ...]:
        """Return the figures of the charted wave."""
        return self.trend.lines[WAVES.index(self.wave)].figures

    @property
    def progress(self) -> Progress:
        """Return how far the baseline is that the latest point is held against."""
        return self.points[-1].baseline

    @property
    def is_thin(self) -> bool:
        """Tell whether the answers are too few for the chart to see much."""
        return self.typical is not None and self.typical < SEES_FROM

    def place(self, day: date) -> float:
        """Return where a day is, in periods from the left edge."""
        for place, part in enumerate(self.trend.parts):
            if day <= part.days.last:
                return place + max(0, (day - part.days.first).days) / part.days.days
        return float(len(self.trend.parts))

    def in_part(self, part: Part) -> list[Event]:
        """Return what happened in a period."""
        return [one for one in self.events if part.days.first <= one.day <= part.days.last]


def control(
    reader: Reader,
    filters: Filters,
    metric: str,
    wave: int,
    about: About,
    where: Mapping[str, int],
) -> Control:
    """Return the page's trend, with what all periods since the first contact say about it.

    Only what this reader may see is held against a baseline, and makes one. `where` has the ids of
    what the filters name.
    """
    shown = trend(reader, filters, metric, about)
    first = reader.session.scalar(sa.select(sa.func.min(Interaction.day))) or reader.today
    whole = Span(start_of(first, filters.period), max(first, reader.today))
    notes = annotations_for(reader.session, where, whole.first, whole.last)
    events = [Event(note.day, note.text, note.breaks) for note in notes]
    events += [
        Event(one.day, "", breaks=True, version=one.version)
        for one in reworded(reader.session, metric, wave, where)
    ]
    breaks = {event.day for event in events if event.breaks}
    (group,) = reader.ask(metric, whole, filters.where, period=filters.period, wave=wave)
    found = [
        figure_of(metric, wave, point, "", person=about.person, own=about.own, in_trend=True)
        for point in group["points"]
    ]
    starts = list(between(whole.first, whole.last, filters.period))
    periods = [Period(one.counts if one.has_value else {}, one.provisional) for one in found]
    held = controlled(metric, periods, starts, breaks)
    by_label = {
        part.label: (one, figure)
        for part, one, figure in zip(parts(whole, filters.period), held, found, strict=True)
    }
    figures = shown.lines[WAVES.index(wave)].figures
    days = Span(shown.parts[0].days.first, shown.parts[-1].days.last)
    # Held against a line, one person's few answers would be judged by chance.
    subjects = [] if about.person else subjects_of(reader.session, where)
    lines = lines_of(reader.session, days.first, days.last) if subjects else []
    return Control(
        trend=shown,
        wave=wave,
        points=tuple(
            _in_span(by_label.get(part.label), figure)
            for part, figure in zip(shown.parts, figures, strict=True)
        ),
        typical=_typical(figures),
        events=tuple(
            sorted(
                (one for one in events if days.first <= one.day <= days.last),
                key=lambda one: one.day,
            )
        ),
        targets=tuple(applied(lines, metric, wave, subjects, days.first, days.last)),
        late=tuple(set_late(lines, metric, wave, subjects, days.first, days.last)),
    )


def _in_span(whole: tuple[Controlled, Figure] | None, shown: Figure) -> Controlled:
    """Return what holds for a point of the page; a period the page cuts short is not the whole."""
    if whole is None:
        return Controlled()
    held, figure = whole
    if (figure.n, figure.counts) == (shown.n, shown.counts):
        return held
    return replace(held, limits=None, mark=None)


def _typical(figures: Sequence[Figure]) -> float | None:
    sizes = [one.n for one in figures if one.has_value and not one.provisional and one.n]
    return median(sizes) if sizes else None

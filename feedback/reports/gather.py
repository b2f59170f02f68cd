"""Gathers what a page shows: every figure as `scores()` has it, with the way to its answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import request, url_for

from feedback.reports.figures import Figure, figure_of, no_answers, wave_words
from feedback.reports.filters import Filters, charted
from feedback.reports.people.comparison import METRIC
from feedback.reports.reader import Reader
from feedback.reports.spans import Part, Span, before, parts
from feedback.reports.struck import struck_line
from feedback.reports.subjects import by_name

WAVES = (1, 2)


@dataclass(frozen=True)
class Headline:
    """A metric's figure of one wave, and that of the equal span before."""

    figure: Figure
    earlier: Figure
    earlier_span: Span
    # What was struck of it, and what it would be with that; nothing where nothing was.
    struck: str = ""


@dataclass(frozen=True)
class Line:
    """One line of a trend: its name, its key, and a figure for each part of the span."""

    label: str
    key: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True)
class Trend:
    """Figures over time."""

    metric: str
    period: str
    parts: tuple[Part, ...]
    lines: tuple[Line, ...]

    @property
    def is_empty(self) -> bool:
        """Tell whether there is nothing to draw, not even that there are too few to show."""
        return all(figure.n == 0 for line in self.lines for figure in line.figures)


@dataclass(frozen=True)
class Row:
    """One subject's figures, of both waves."""

    label: str
    key: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True)
class About:
    """Whom the figures are about: one person, whether that is the reader, and how people differ.

    `weights` has `Spread.weight` of each wave, for the one metric people are compared by.
    """

    person: bool = False
    own: bool = False
    weights: Mapping[int, float | None] = field(default_factory=dict)

    def weight(self, metric: str, wave: int) -> float | None:
        """Return how much people differ in this figure; None where nobody is compared by it."""
        return self.weights.get(wave) if metric == METRIC else None


def address(endpoint: str, query: Mapping[str, str], **parts_: Any) -> str:
    """Return an address with its query; the language somebody has chosen there stays chosen."""
    language = {"lang": request.args["lang"]} if "lang" in request.args else {}
    values: dict[str, Any] = {**query, **language, **parts_}
    return url_for(endpoint, **values)


def answers_address(filters: Filters, **which: Any) -> str:
    """Return the address of the answers behind a figure."""
    return address("answers.page", filters.answers(**which))


def headlines(reader: Reader, filters: Filters, metric: str, about: About) -> list[Headline]:
    """Return a metric's figures of both waves over the whole span, and of the one before."""
    earlier_span = before(filters.span)
    found = [
        reader.ask(metric, span, filters.where, by="wave") for span in (filters.span, earlier_span)
    ]
    lines = []
    for wave, now, earlier in zip(WAVES, *found, strict=True):
        figures = [
            figure_of(
                metric,
                wave,
                group["points"][0],
                answers_address(filters, metric=metric, wave=wave, span=span),
                person=about.person,
                own=about.own,
                weight=about.weight(metric, wave),
            )
            for group, span in ((now, filters.span), (earlier, earlier_span))
        ]
        told = struck_line(reader, filters, filters.span, figures[0])
        lines.append(Headline(figures[0], figures[1], earlier_span, told))
    return lines


def trend(reader: Reader, filters: Filters, metric: str, about: About) -> Trend:
    """Return the metric's figures of both waves, period by period."""
    days = charted(filters.span, reader.session, reader.today)
    found = reader.ask(metric, days, filters.where, by="wave", period=filters.period)
    places = tuple(parts(days, filters.period))
    lines = tuple(
        _line(filters, metric, wave, group, places, about, wave_words(wave), str(wave), {})
        for wave, group in zip(WAVES, found, strict=True)
    )
    return Trend(metric, filters.period, places, lines)


def trends_by(reader: Reader, filters: Filters, metric: str, subject: str, wave: int) -> Trend:
    """Return the metric's figures of one wave, period by period, for each channel or team."""
    days = charted(filters.span, reader.session, reader.today)
    found = reader.ask(metric, days, filters.where, by=subject, period=filters.period, wave=wave)
    places = tuple(parts(days, filters.period))
    about = About(person=subject == "staff")
    lines = []
    for group in found:
        key = group["key"][subject]
        # Nobody named: there is no filter for that, so there is no list of the answers either.
        where = None if key is None else {subject: key}
        label = group["label"]
        lines.append(_line(filters, metric, wave, group, places, about, label, key or "", where))
    return Trend(metric, filters.period, places, tuple(lines))


def _line(
    filters: Filters,
    metric: str,
    wave: int,
    group: Mapping[str, Any],
    places: tuple[Part, ...],
    about: About,
    label: str,
    key: str,
    where: Mapping[str, str] | None,
) -> Line:
    figures = tuple(
        figure_of(
            metric,
            wave,
            point,
            ""
            if where is None
            else answers_address(filters, metric=metric, wave=wave, span=part.days, **where),
            person=about.person,
            own=about.own,
            in_trend=True,
            weight=about.weight(metric, wave),
        )
        for part, point in zip(places, group["points"], strict=True)
    )
    return Line(label, key, figures)


def rows_by(
    reader: Reader,
    filters: Filters,
    metric: str,
    subject: str,
    *,
    most: int | None = None,
    about: About | None = None,
) -> tuple[list[Row], int]:
    """Return each subject's figures of both waves in the order of names, and how many there are.

    Of the rows, at most so many are made. `about` says how the people differ, where it is people.
    """
    about = about or About(person=subject == "staff")
    points: dict[str, dict[int, Mapping[str, Any]]] = {}
    labels: dict[str, str] = {}
    for wave in WAVES:
        for group in reader.ask(metric, filters.span, filters.where, by=subject, wave=wave):
            key = group["key"][subject] or ""
            labels[key] = group["label"]
            points.setdefault(key, {})[wave] = group["points"][0]
    keys = sorted(points, key=lambda key: (not key, by_name(labels[key]), key))
    rows = [
        Row(
            labels[key],
            key,
            tuple(
                _in_row(filters, metric, subject, key, wave, points[key], about) for wave in WAVES
            ),
        )
        for key in keys[:most]
    ]
    return rows, len(keys)


def _in_row(
    filters: Filters,
    metric: str,
    subject: str,
    key: str,
    wave: int,
    points: Mapping[int, Mapping[str, Any]],
    about: About,
) -> Figure:
    if wave not in points:
        return no_answers(metric, wave)
    # Nobody named: there is no filter for that, so there is no list of the answers either.
    answers = answers_address(filters, metric=metric, wave=wave, **{subject: key}) if key else ""
    return figure_of(
        metric,
        wave,
        points[wave],
        answers,
        person=about.person and bool(key),
        weight=about.weight(metric, wave),
    )

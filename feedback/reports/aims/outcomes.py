"""Whether a figure met its target, as far as its answers can decide that, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from feedback.measures.standing import JUDGED_FROM, RELIABLE
from feedback.measures.targets import Outcome, target_outcome
from feedback.reports.dates import day_words, span_words
from feedback.reports.figures import Figure, interval_words
from feedback.reports.filters import Filters, charted
from feedback.reports.reader import Reader
from feedback.reports.spans import Span
from feedback.reports.subjects import named
from feedback.touchpoints.models import Target
from feedback.touchpoints.targets import Applied, applied, lines_of, set_late, subjects_of


@dataclass(frozen=True)
class Judged:
    """A figure held against its target, the one at the end of its days where it changed in them."""

    metric: str
    outcome: Outcome
    # Both ends in the metric's own unit.
    low: float
    high: float
    targets: tuple[Applied, ...]
    # What was set after its days had begun, be it replaced since or a target taken back.
    late: tuple[Target, ...]
    days: Span

    @property
    def short(self) -> str:
        """Return "Target 85 %: not decided"."""
        if not self.targets:
            return str(_("No target"))
        value = target_value_words(self.metric, self.targets[-1].value)
        verdict = {"met": _("met"), "not_met": _("not met"), "undecided": _("not decided")}
        return str(_("Target %(value)s: %(verdict)s", value=value, verdict=verdict[self.outcome]))

    @property
    def line(self) -> str:
        """Return the same with the interval it was decided by."""
        if not self.targets:
            return self.short
        return str(_("%(verdict)s (%(interval)s)", verdict=self.short, interval=self.interval))

    @property
    def brief(self) -> str:
        """Return what stands in a table, with the interval where that beside it is too coarse."""
        parts = [self.line if self._is_close else self.short]
        if len(self.targets) > 1:
            parts.append(_("changed"))
        if self.late:
            parts.append(_("set late"))
        return " · ".join(map(str, parts))

    @property
    def interval(self) -> str:
        """Return the interval, with one more digit where an end would round to the target."""
        if not self._is_close:
            return interval_words(self.metric, self.low, self.high)
        if self.metric == "csat":
            return percent(f"{100 * self.low:.1f}–{100 * self.high:.1f}")
        ends = [f"{100 * end:+.1f}".replace("-", "−") for end in (self.low, self.high)]
        return str(_("%(low)s to %(high)s", low=ends[0], high=ends[1]))

    @property
    def _is_close(self) -> bool:
        if not self.targets or self.metric == "ces":
            return False
        aim = round(100 * self.targets[-1].value, 1)
        return any(round(100 * end) == aim != round(100 * end, 6) for end in (self.low, self.high))

    @property
    def notes(self) -> list[str]:
        """Return what must be said with it: that it changed in these days, or was set late."""
        found = []
        if len(self.targets) > 1:
            words = [self._until(one) for one in self.targets[:-1]]
            words.append(self._from(self.targets[-1]))
            changes = _("; ").join(words)
            found.append(_("The target changed within these days: %(changes)s.", changes=changes))
        elif self.targets:
            own = Span(self.targets[0].first, self.targets[0].last)
            if own != self.days:
                found.append(_("It was set for %(days)s only.", days=span_words(own)))
        return [*map(str, found), *map(late_words, self.late)]

    def _until(self, one: Applied) -> str:
        value = target_value_words(self.metric, one.value)
        return str(_("%(value)s until %(day)s", value=value, day=day_words(one.last)))

    def _from(self, one: Applied) -> str:
        value = target_value_words(self.metric, one.value)
        return str(_("%(value)s from %(day)s", value=value, day=day_words(one.first)))


def judge(
    figure: Figure,
    lines: Sequence[Target],
    about: Sequence[tuple[str, int]],
    days: Span,
    *,
    person: bool = False,
    reliability: float | None = None,
) -> Judged | None:
    """Return the figure of these days held against what the lines say about it.

    `lines` come from `lines_of`, `about` from `subjects_of`. None where there is no target, where
    the value itself may not be shown, and, for one person, with fewer than 30 answers or a
    reliability below 0.70: there a verdict would say more about chance.
    """
    if not figure.has_value or figure.n is None or figure.low is None or figure.high is None:
        return None
    if person and (figure.n < JUDGED_FROM or reliability is None or reliability < RELIABLE):
        return None
    targets = applied(lines, figure.metric, figure.wave, about, days.first, days.last)
    late = set_late(lines, figure.metric, figure.wave, about, days.first, days.last)
    if not targets and not late:
        return None
    return Judged(
        metric=figure.metric,
        outcome=target_outcome(figure.low, figure.high, targets[-1].value)
        if targets
        else "undecided",
        low=figure.low,
        high=figure.high,
        targets=tuple(targets),
        late=tuple(late),
        days=days,
    )


def outcome_words(
    session: Session,
    figure: Figure,
    where: Mapping[str, int],
    days: Span,
    *,
    person: bool = False,
    reliability: float | None = None,
) -> str:
    """Return "Target 85 %: not decided (70–91 %)", or "" where none is to be said.

    `where` has the ids of what the figure is about; a person's figure takes their team's target,
    and then `person` and the reliability decide whether it is said at all (see `judge`).
    """
    judged = judge(
        figure,
        lines_of(session, days.first, days.last),
        subjects_of(session, where),
        days,
        person=person,
        reliability=reliability,
    )
    return judged.line if judged else ""


def late_words(target: Target) -> str:
    """Return what a chart prints of a target set after its days had begun."""
    if target.value is None:
        return str(
            _(
                "No target, set on %(set_on)s for a period from %(from_day)s: %(reason)s",
                set_on=day_words(target.set_on),
                from_day=day_words(target.from_day),
                reason=target.reason,
            )
        )
    return str(
        _(
            "Target %(value)s, set on %(set_on)s for a period from %(from_day)s: %(reason)s",
            value=target_value_words(target.metric, target.value),
            set_on=day_words(target.set_on),
            from_day=day_words(target.from_day),
            reason=target.reason,
        )
    )


def percent(number: str) -> str:
    """Return a percentage as the reader's language writes it: with a space, or in Chinese none."""
    return f"{number}%" if str(get_locale()).startswith("zh") else f"{number} %"


def target_value_words(metric: str, value: float | None) -> str:
    """Return a target as it was set: "85 %", "82.5 %", "+20" or "5.5"; no target is a dash."""
    if value is None:
        return "–"
    number = Decimal(f"{value if metric == 'ces' else 100 * value:.4f}").normalize()
    if metric == "csat":
        return percent(f"{number:f}")
    if metric == "ces":
        return f"{number:f}"
    sign = "" if number == 0 else "+" if number > 0 else "−"
    return f"{sign}{abs(number):f}"


@dataclass
class Aims:
    """The targets of one page: its templates ask it about each figure they show."""

    reader: Reader
    filters: Filters
    _ids: dict[str, dict[str, int]] = field(default_factory=dict)

    @cached_property
    def days(self) -> Span:
        """Return the days a figure of the page can have answers in."""
        return charted(self.filters.span, self.reader.session, self.reader.today)

    @cached_property
    def _lines(self) -> Sequence[Target]:
        return lines_of(self.reader.session, self.days.first, self.days.last)

    def of(self, figure: Figure, **narrower: str) -> Judged | None:
        """Return the figure's outcome; `narrower` names a part of the page, such as a channel."""
        where = {**self.filters.where, **narrower}
        # A person's takes the reliability of their figure, which is not known here; and of nobody
        # named, or of nothing there is, nobody has aimed at anything.
        if "staff" in where or not all(where.values()) or not self._lines:
            return None
        ids = {subject: self._id(subject, key) for subject, key in where.items()}
        about = subjects_of(
            self.reader.session, {name: id_ for name, id_ in ids.items() if id_ is not None}
        )
        return judge(figure, self._lines, about, self.days)

    def _id(self, subject: str, key: str) -> int | None:
        known = self._ids.get(subject)
        if known is None:
            pairs = named(self.reader.session, subject, self.reader.locale).items()
            known = self._ids[subject] = {public: id_ for id_, (public, _name) in pairs}
        return known.get(key)

"""The planner's findings in sentences; a chance is said as so many of a hundred people."""

from dataclasses import dataclass

from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _

from feedback.reports.aims.outcomes import percent, target_value_words
from feedback.reports.aims.planner import BELOW, Known, Plan, needed
from feedback.reports.figures import share_words


@dataclass(frozen=True)
class PlanWords:
    """What the planner's page says."""

    plan: Plan
    known: Known

    @property
    def target(self) -> str:
        """Return the target as it is written."""
        return _percent(self.plan.asked.target)

    @property
    def rate(self) -> str:
        """Return the true rate as it is written."""
        return _percent(self.plan.asked.rate)

    @property
    def below(self) -> str:
        """Return the rate ten points below the target."""
        return _percent(self.plan.asked.target - BELOW)

    @property
    def volume(self) -> str:
        """Return "20 answers"."""
        n = self.plan.asked.answers
        return str(ngettext("%(count)s answer", "%(count)s answers", n, count=format_decimal(n)))

    @property
    def rows(self) -> list[tuple[str, str, str]]:
        """Return each way of reading: its name, whom it fails, whom it finds."""
        names = (_("By the bare number"), _("By the interval"))
        found = self.plan.found or (None, None)
        return [
            (str(name), _chance(failed), "–" if hit is None else _chance(hit))
            for name, failed, hit in zip(names, self.plan.failed, found, strict=True)
        ]

    @property
    def first(self) -> str:
        """Return what the target does to those who truly have the rate."""
        bare, by_interval = map(_chance, self.plan.failed)
        values = {
            "volume": self.volume,
            "target": self.target,
            "rate": self.rate,
            "bare": bare,
            "interval": by_interval,
        }
        if self.plan.is_above:
            return str(
                _(
                    "With %(volume)s, a line at %(target)s wrongly fails %(bare)s of the people who"
                    " truly have %(rate)s if the bare number decides, and %(interval)s if the whole"
                    " interval has to be below it.",
                    **values,
                )
            )
        return str(
            _(
                "With %(volume)s, a line at %(target)s fails %(bare)s of the people who truly have"
                " %(rate)s if the bare number decides, and %(interval)s if the whole interval has"
                " to be below it. They are below the line, so failing them is right.",
                **values,
            )
        )

    @property
    def cost(self) -> str:
        """Return what that caution costs; nothing where nobody can be so far below."""
        if self.plan.found is None:
            return ""
        bare, by_interval = map(_chance, self.plan.found)
        return str(
            _(
                "The cost: of people who truly are 10 points below the line, at %(below)s, the bare"
                " number finds %(bare)s and the interval %(interval)s. Who is not found stays “not"
                " decided” until more answers have come.",
                below=self.below,
                bare=bare,
                interval=by_interval,
            )
        )

    @property
    def more(self) -> list[str]:
        """Return what else so many answers can and cannot show."""
        return [self._change(), *self._decides(), *self._reliable()]

    def _change(self) -> str:
        change = self.plan.change
        return str(
            _(
                "Between two periods of %(volume)s each, a change of less than %(least)s points"
                " cannot be told from chance; one of %(sure)s points is found four times of five.",
                volume=self.volume,
                least=_points(change.at_all),
                sure=_points(change.with_power),
            )
        )

    def _decides(self) -> list[str]:
        answers = self.plan.to_decide
        if answers is None:
            return []
        return [
            str(
                _(
                    "A score %(distance)s points below the target decides it from %(if_so)s answers"
                    " on; for somebody who truly is there it takes %(sure)s answers to find it four"
                    " times of five.",
                    distance=f"{self.plan.asked.distance:g}",
                    if_so=format_decimal(_up(answers.if_so)),
                    sure=format_decimal(_up(answers.with_power)),
                )
            )
        ]

    def _reliable(self) -> list[str]:
        if not self.known.people:
            return [str(_("How much people differ here is not known yet: too few have answers."))]
        found = needed(self.known.weight)
        if not found:
            return [
                str(
                    _(
                        "The answers of the last twelve months show no difference between people"
                        " beyond chance, so no number of answers makes a target for people fair."
                    )
                )
            ]
        (_group, some), (_person, many) = found
        return [
            str(
                _(
                    "As people differ here, a reliability of 0.70 takes %(some)s answers about each"
                    " of them, and 0.90, which a decision about one person needs, %(many)s.",
                    some=format_decimal(some),
                    many=format_decimal(many),
                )
            )
        ]

    @property
    def learnt(self) -> str:
        """Return where the numbers came from that nobody has typed in."""
        parts = []
        if self.known.answers is not None:
            parts.append(
                _(
                    "half of the staff have at most %(count)s answers in the last quarter",
                    count=format_decimal(self.known.answers),
                )
            )
        if self.known.rate is not None:
            rate = share_words(round(1000 * self.known.rate), 1000)
            parts.append(_("CSAT of the last twelve months is %(rate)s", rate=rate))
        if self.known.target is not None:
            aim = target_value_words("csat", self.known.target)
            parts.append(_("the target in force is %(aim)s", aim=aim))
        if not parts:
            return str(_("There are too few answers here yet to start from; these are examples."))
        return str(_("Your own numbers: %(parts)s.", parts=_("; ").join(map(str, parts))))


def _percent(number: float) -> str:
    return target_value_words("csat", round(number, 1) / 100)


def _chance(chance: float) -> str:
    """Return "13.4 %", or that it is less than can be said."""
    if 0 < chance < 0.0005:
        return str(_("less than %(least)s", least=_percent(0.1)))
    # One digit for all of them, so that they can be compared.
    return percent(f"{100 * chance:.1f}")


def _points(change: float) -> str:
    return f"{100 * change:.1f}"


def _up(answers: float) -> int:
    return int(-(-answers // 1))

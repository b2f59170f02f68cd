"""A rehearsal in sentences, and in one table that adds up."""

from dataclasses import dataclass

from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _

from feedback.invitations.coverage import INVITED, NOT_PLANNED, WITHHELD
from feedback.invitations.dry_run import WAVES
from feedback.invitations.eligibility import REASONS
from feedback.invitations.reasons import reason_label
from feedback.measures.standing import RELIABLE
from feedback.reports.dates import span_words
from feedback.reports.expected_answers import ENOUGH
from feedback.reports.figures import interval_words, share_words, value_words
from feedback.reports.rehearsal import People, PerPerson, Rehearsal
from feedback.reports.spans import Span


@dataclass(frozen=True)
class Line:
    """One line of the table: its name, how deep it stands, and the number of each wave."""

    name: str
    is_part: bool
    numbers: tuple[int, ...]


@dataclass(frozen=True)
class RehearsalWords:
    """What the page and the command say."""

    found: Rehearsal

    @property
    def days(self) -> str:
        """Return the days."""
        return span_words(Span(self.found.run.first, self.found.run.last))

    @property
    def first(self) -> list[str]:
        """Return what it comes to, in sentences."""
        return [self._asked(), *self._not_asked(), *self._answers(), *self._people()]

    def _asked(self) -> str:
        first, second = (self.found.run.accounts[wave].fates[INVITED] for wave in WAVES)
        return str(
            ngettext(
                "Had this been on from %(days)s: %(count)s interaction would have led to %(first)s"
                " right after it and %(second)s as a follow-up.",
                "Had this been on from %(days)s: %(count)s interactions would have led to %(first)s"
                " right after them and %(second)s as follow-ups.",
                self.found.run.interactions,
                days=self.days,
                count=format_decimal(self.found.run.interactions),
                first=_invitations(first),
                second=_invitations(second),
            )
        )

    def _not_asked(self) -> list[str]:
        account = self.found.run.accounts[1]
        parts = [
            _("%(reason)s: %(count)s", reason=reason_label(reason), count=format_decimal(times))
            for reason, times in account.withheld.most_common()
        ]
        if account.fates[NOT_PLANNED]:
            parts.append(
                _(
                    "%(reason)s: %(count)s",
                    reason=_("Not planned"),
                    count=format_decimal(account.fates[NOT_PLANNED]),
                )
            )
        if not parts:
            return []
        return [str(_("Not asked right after: %(parts)s.", parts=_("; ").join(map(str, parts))))]

    def _answers(self) -> list[str]:
        said = []
        names = {1: _("right after"), 2: _("as follow-ups")}
        for wave in WAVES:
            if not self.found.run.accounts[wave].fates[INVITED]:
                continue
            bounds, answers = (
                self.found.bounds(wave),
                format_decimal(round(self.found.answers(wave))),
            )
            if bounds is None:
                said.append(
                    _(
                        "Expected answers %(wave)s: about %(answers)s. That is a guess: where fewer"
                        " than %(enough)s invitations are known, it takes a rate of %(rate)s.",
                        wave=names[wave],
                        answers=answers,
                        enough=ENOUGH,
                        rate=share_words(round(1000 * self.found.guess), 1000),
                    )
                )
            else:
                said.append(
                    _(
                        "Expected answers %(wave)s: about %(answers)s (from %(low)s to %(high)s),"
                        " by your own response rates of the last twelve months.",
                        wave=names[wave],
                        answers=answers,
                        low=format_decimal(int(bounds[0])),
                        high=format_decimal(-int(-bounds[1] // 1)),
                    )
                )
        return [str(line) for line in said]

    def _people(self) -> list[str]:
        people = self.found.people
        if people is None:
            return []
        return [self._each(people), self._reach(people)]

    def _each(self, people: People) -> str:
        middle = people.middle
        answers = ngettext(
            "about %(count)s answer",
            "about %(count)s answers",
            middle.answers,
            count=middle.answers,
        )
        if middle.half_width is None:
            return str(
                _("Half of the %(people)s people would have no answer.", people=people.number)
            )
        return str(
            _(
                "The one in the middle of %(people)s people would have %(answers)s right after: ±"
                " %(points)s points at a CSAT of %(rate)s.",
                people=format_decimal(people.number),
                answers=answers,
                points=round(middle.half_width),
                rate=value_words("csat", people.rate),
            )
        )

    def _reach(self, people: People) -> str:
        found = next((one for one in people.needed if one[0] == RELIABLE), None)
        if found is None:
            return str(
                _(
                    "How many answers tell people here apart is not known: too few have answers, or"
                    " they do not differ beyond chance."
                )
            )
        _reliability, answers, reached = found
        if not reached:
            return str(
                _(
                    "Nobody reaches the %(answers)s answers a reliability of 0.70 takes.",
                    answers=format_decimal(answers),
                )
            )
        return str(
            _(
                "%(reached)s of %(people)s people reach the %(answers)s answers a reliability of"
                " 0.70 takes.",
                reached=format_decimal(reached),
                people=format_decimal(people.number),
                answers=format_decimal(answers),
            )
        )

    @property
    def heads(self) -> tuple[str, str]:
        """Return the names of the waves."""
        return str(_("Right after")), str(_("Follow-up"))

    @property
    def lines(self) -> list[Line]:
        """Return the table: invited, withheld with each reason, not planned."""
        accounts = [self.found.run.accounts[wave] for wave in WAVES]

        def line(name: str, fate: str) -> Line:
            return Line(name, False, tuple(account.fates[fate] for account in accounts))

        met = [reason for reason in REASONS if any(one.withheld[reason] for one in accounts)]
        return [
            line(_("Invited"), INVITED),
            line(_("Withheld"), WITHHELD),
            *(
                Line(reason_label(reason), True, tuple(one.withheld[reason] for one in accounts))
                for reason in met
            ),
            line(_("Not planned"), NOT_PLANNED),
        ]

    @property
    def total(self) -> Line:
        """Return what the lines that are no parts add up to."""
        accounts = self.found.run.accounts
        return Line(_("All together"), False, tuple(accounts[w].interactions for w in WAVES))

    @property
    def people_rows(self) -> list[tuple[str, str, str, str]]:
        """Return what the answers would be worth: who, answers, interval, half of it in points."""
        people = self.found.people
        if people is None:
            return []
        return [
            _person_row(_("The person with the fewest"), people.least),
            _person_row(_("The one in the middle"), people.middle),
            _person_row(_("The person with the most"), people.most),
        ]

    @property
    def rate_basis(self) -> str:
        """Return which rate the intervals are at."""
        people = self.found.people
        if people is None:
            return ""
        rate = value_words("csat", people.rate)
        if people.rate_is_own:
            return str(_("At your own CSAT of the last twelve months, %(rate)s.", rate=rate))
        return str(_("At a CSAT of %(rate)s, an example: there are no answers yet.", rate=rate))


def _invitations(number: int) -> str:
    return str(
        ngettext(
            "%(count)s invitation", "%(count)s invitations", number, count=format_decimal(number)
        )
    )


def _person_row(name: str, one: PerPerson) -> tuple[str, str, str, str]:
    if one.low is None or one.high is None or one.half_width is None:
        return name, "0", "–", "–"
    interval = interval_words("csat", one.low, one.high)
    return name, format_decimal(one.answers), interval, f"± {one.half_width:.0f}"

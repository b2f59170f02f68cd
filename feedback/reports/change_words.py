"""A change in words, in three forms only: higher, lower, or that one cannot tell."""

from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from feedback.reports.changes import Change, change_of
from feedback.reports.figures import signed_words
from feedback.reports.gather import Headline


@dataclass(frozen=True)
class ChangeInWords:
    """A change of one figure since the equal span before."""

    metric: str
    change: Change

    @property
    def words(self) -> str:
        """Return "No evidence of change: −8 points, range −22 to +6."."""
        forms = {
            "higher": _("Higher: %(value)s, range %(low)s to %(high)s."),
            "lower": _("Lower: %(value)s, range %(low)s to %(high)s."),
            "cannot_tell": _("No evidence of change: %(value)s, range %(low)s to %(high)s."),
        }
        change = self.change
        return str(forms[change.verdict]) % {
            "value": self._with_unit(change.value),
            "low": signed_words(self.metric, change.low),
            "high": signed_words(self.metric, change.high),
        }

    @property
    def detectable_words(self) -> str:
        """Return how large a change so many answers could have shown; nothing where unknown."""
        if self.change.detectable is None:
            return ""
        least = signed_words(self.metric, self.change.detectable.at_all).removeprefix("+")
        return str(_("So many answers can show a change of %(least)s points or more.", least=least))

    def _with_unit(self, value: float) -> str:
        written = signed_words(self.metric, value)
        if self.metric == "ces":
            return written
        points = abs(int(written.replace("−", "-")))
        return str(ngettext("%(number)s point", "%(number)s points", points, number=written))


def change_in_words(line: Headline) -> ChangeInWords | None:
    """Return how a headline's figure differs from the one before; None where one is not shown."""
    now, earlier = line.figure, line.earlier
    if not (now.has_value and earlier.has_value):
        return None
    change = change_of(now.metric, now.counts, earlier.counts)
    return None if change is None else ChangeInWords(now.metric, change)

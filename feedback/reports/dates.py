"""Days, periods and spans as a reader's language writes them."""

from datetime import date

from flask_babel import format_date, get_locale
from flask_babel import gettext as _

from feedback.reports.spans import Part, Span

_DAY = {"zh": "y年M月d日", "en": "d MMM y"}
_MONTH = {"zh": "y年M月", "en": "MMM y"}


def _pattern(patterns: dict[str, str]) -> str:
    return patterns["zh" if str(get_locale()).startswith("zh") else "en"]


def day_words(day: date) -> str:
    """Return "2 Sep 2026" or "2026年9月2日"."""
    return str(format_date(day, _pattern(_DAY)))


def span_words(span: Span) -> str:
    """Return both ends of the span."""
    return str(_("%(first)s to %(last)s", first=day_words(span.first), last=day_words(span.last)))


def part_words(part: Part, period: str) -> str:
    """Return a period's name: "Jul 2026" for a month, 2026-W36 for a week, 2026-Q3."""
    if period == "month":
        return str(format_date(part.days.first, _pattern(_MONTH)))
    return part.label

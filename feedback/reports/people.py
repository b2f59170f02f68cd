"""The staff members on a page, by name: who is listed, who is drawn, and whose figures are seen."""

from dataclasses import dataclass

from feedback.reports.filters import Filters
from feedback.reports.gather import Row, rows_by
from feedback.reports.reader import Reader
from feedback.reports.subjects import named

# A company's staff do not fit on one page; nor does a chart taller than a few screens help.
MOST_LISTED, MOST_DRAWN = 100, 60


@dataclass(frozen=True)
class People:
    """The staff members of a page by name: all there are, and those it shows."""

    listed: list[Row]
    ids: dict[str, int]
    how_many: int

    def seen(self, own: int | None) -> list[int]:
        """Return those others whose figures are on the page."""
        shown = [row for row in self.listed if any(figure.n for figure in row.figures)]
        ids = [self.ids[row.key] for row in shown if row.key]
        return [id_ for id_ in ids if id_ != own]

    @property
    def drawn(self) -> list[Row]:
        """Return those the chart shows."""
        named_rows = [row for row in self.listed if row.key]
        return named_rows if len(named_rows) <= MOST_DRAWN else []


def people_of(reader: Reader, filters: Filters, metric: str, *, everybody: bool) -> People:
    """Return the staff members with answers in these days."""
    most = None if everybody else MOST_LISTED
    listed, how_many = rows_by(reader, filters, metric, "staff", most)
    ids = {key: id_ for id_, (key, _n) in named(reader.session, "staff", reader.locale).items()}
    return People(listed, ids, how_many)

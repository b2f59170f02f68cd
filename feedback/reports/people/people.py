"""The staff members on a page, by name: who is listed, and what their answers can carry."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from feedback.measures.people import Compared
from feedback.reports.filters import Filters
from feedback.reports.gather import WAVES, About, Row, rows_by
from feedback.reports.people.carried import Carried, carried
from feedback.reports.people.comparison import METRIC, Asked, compared_people, ranks_of
from feedback.reports.reader import Reader
from feedback.reports.subjects import id_of, named

# A company's staff do not fit on one page.
MOST_LISTED = 100


@dataclass(frozen=True)
class People:
    """The staff members of a page by name: all there are, and those it shows.

    `carried` has what each of the listed can carry in the page's wave, by their key; `compared` is
    everybody they are compared with, None where nobody is.
    """

    listed: list[Row]
    ids: dict[str, int]
    how_many: int
    wave: int = 1
    compared: Compared[int] | None = None
    carried: Mapping[str, Carried] = field(default_factory=dict)
    is_ranked: bool = False
    # Those with too few answers are not compared, since that would tell about them.
    tells_of_few: bool = False
    # How much people differ in each wave (`Spread.weight`).
    weights: Mapping[int, float | None] = field(default_factory=dict)

    def seen(self, own: int | None) -> list[int]:
        """Return those others whose figures are on the page."""
        shown = [row for row in self.listed if any(figure.n for figure in row.figures)]
        ids = [self.ids[row.key] for row in shown if row.key]
        return [id_ for id_ in ids if id_ != own]

    @property
    def has_flags(self) -> bool:
        """Tell whether anybody listed clearly differs from what their work leads one to expect."""
        return any(one.flag_words for one in self.carried.values())


def people_of(
    reader: Reader, filters: Filters, metric: str, *, everybody: bool, ranked: bool = False
) -> People:
    """Return the staff members with answers in these days; ranks only where they are asked for."""
    compared = comparisons(reader, filters) if metric == METRIC else {}
    weights = weights_of(compared)
    about = About(person=True, weights=weights)
    most = None if everybody else MOST_LISTED
    listed, how_many = rows_by(reader, filters, metric, "staff", most=most, about=about)
    ids = {key: id_ for id_, (key, _n) in named(reader.session, "staff", reader.locale).items()}
    wave = filters.wave or 1
    people = compared.get(wave)
    ranks = ranks_of(reader.session, asked_for(reader, filters, wave)) if ranked and people else {}
    found = {}
    for row in listed:
        figure = row.figures[WAVES.index(wave)]
        # Nothing is said beside a figure that is not shown.
        if row.key and figure.has_value:
            one = carried(people, ids[row.key], ranks.get(ids[row.key]))
            if one is not None:
                found[row.key] = one
    return People(
        listed,
        ids,
        how_many,
        wave,
        people,
        found,
        is_ranked=ranked and people is not None,
        tells_of_few=metric == METRIC and tells_of_few(reader, filters, wave),
        weights=weights,
    )


def comparisons(reader: Reader, filters: Filters) -> dict[int, Compared[int] | None]:
    """Return everybody compared, in each wave, of the filters' days and channel."""
    return {wave: compared_for(reader, filters, wave) for wave in WAVES}


def compared_for(reader: Reader, filters: Filters, wave: int) -> Compared[int] | None:
    """Return everybody compared in one wave; None where nobody is."""
    return compared_people(reader.session, asked_for(reader, filters, wave))


def tells_of_few(reader: Reader, filters: Filters, wave: int) -> bool:
    """Tell whether what people have in common would give away some whose answers are in no list.

    It is computed from everybody's answers. Where fewer than `min_group` people are secret, it can
    be tried out which answers of theirs give just these digits.
    """
    if reader.sees_all:
        return False
    asked, secrets = _asked(reader, filters, wave), reader.secrets(METRIC)
    which = (dict(asked.where), wave, asked.first, asked.last)
    return 0 < secrets.people_in(*which) < reader.min_group or secrets.hides(*which)


def asked_for(reader: Reader, filters: Filters, wave: int) -> Asked:
    """Return which answers the people of a page are compared by, as far as this reader may know.

    So somebody who may be read of has one estimate on all pages of a reader; on their own page, and
    for whoever sees everything, those few are compared along with the rest.
    """
    asked = _asked(reader, filters, wave)
    if not tells_of_few(reader, filters, wave):
        return asked
    return replace(asked, without=tuple(sorted(reader.secrets(METRIC).people[wave])))


def _asked(reader: Reader, filters: Filters, wave: int) -> Asked:
    where = {one: id_of(reader.session, one, key) for one, key in filters.where.items()}
    known = {subject: id_ for subject, id_ in where.items() if id_ is not None}
    return Asked.of(wave, filters.span.first, filters.span.last, known)


def weights_of(compared: Mapping[int, Compared[int] | None]) -> dict[int, float | None]:
    """Return how much people differ in each wave (`Spread.weight`)."""
    return {wave: one.spread.weight if one else None for wave, one in compared.items()}

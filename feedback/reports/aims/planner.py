"""What a target could decide with so many answers: how often it errs, either way of reading it."""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median
from unicodedata import normalize

from flask_babel import gettext as _

from feedback.measures.between_people import answers_needed, spread_by_likelihood
from feedback.measures.detectable_change import DetectableChange, detectable_change
from feedback.measures.targets import AnswersToDecide, answers_to_decide, wrongly_failed
from feedback.reports.reader import Reader
from feedback.reports.request import BadRequest
from feedback.reports.spans import Span, before, quarter_of, recent
from feedback.reports.subjects import id_of
from feedback.reports.tallies import Question, count
from feedback.touchpoints.targets import target_on

MOST_ANSWERS = 2000
# Where there are no answers yet to learn from.
_ANSWERS, _RATE, _TARGET, _DISTANCE = 20, 90, 85, 5
# Somebody whom a target is there to find.
BELOW = 10
RELIABILITIES = (0.70, 0.90)


@dataclass(frozen=True)
class Known:
    """What the organisation's own answers say; None where they are too few."""

    answers: int | None
    rate: float | None
    target: float | None
    # How many answers weigh as much as what people have in common; None without differences.
    weight: float | None
    people: int


@dataclass(frozen=True)
class Asked:
    """What somebody wants to know; percentages and points as they were given."""

    answers: int
    target: float
    rate: float
    distance: float


@dataclass(frozen=True)
class Plan:
    """What so many answers can decide; chances in 0 … 1, first by the bare number."""

    asked: Asked
    # Failed, of people who truly have the rate; and of those truly ten points below the target.
    failed: tuple[float, float]
    found: tuple[float, float] | None
    change: DetectableChange
    to_decide: AnswersToDecide | None

    @property
    def is_above(self) -> bool:
        """Tell whether those people truly reach the target, so that failing them is wrong."""
        return self.asked.rate >= self.asked.target


def known(reader: Reader, where: Mapping[str, str] | None) -> Known:
    """Return what is known of CSAT right after the contact; the rate is of `where`, None of nobody.

    Counted over people are the last quarter's answers for their number, and the last twelve
    months' for how much people differ. Neither is told where fewer people than a small group have
    any: it would tell about each of them.
    """
    quarter = before(quarter_of(reader.today))
    year = recent(reader.today)
    group = reader.ask("csat", year, where, wave=1) if where is not None else []
    value = group[0]["points"][0]["value"] if group else None
    numbers = [sum(counts.values()) for counts in _by_person(reader, quarter)]
    people = _by_person(reader, year)
    enough = len(people) >= max(reader.min_group, 2)
    pairs = [(counts.get(4, 0) + counts.get(5, 0), sum(counts.values())) for counts in people]
    spread = spread_by_likelihood(pairs) if enough else None
    ids = {subject: id_of(reader.session, subject, key) for subject, key in (where or {}).items()}
    there = {subject: id_ for subject, id_ in ids.items() if id_ is not None}
    aim = target_on(reader.session, "csat", 1, there, reader.today)
    return Known(
        answers=round(median(numbers)) if len(numbers) >= reader.min_group else None,
        rate=value,
        target=aim.value if aim else None,
        weight=spread.weight if spread else None,
        people=len(people) if enough else 0,
    )


def _by_person(reader: Reader, span: Span) -> list[dict[int, int]]:
    question = Question("csat", "staff", None, span.first, span.last, (1,), {})
    counted = count(reader.session, question)
    return [counts for (id_, _wave, _start), counts in counted.items() if id_ and counts]


def usual(found: Known) -> Asked:
    """Return what is asked where nothing is given: one's own figures, as far as they are known."""
    rate = _whole_percent(found.rate) if found.rate is not None else _RATE
    if found.target is not None:
        target = round(100 * found.target, 1)
    else:
        target = float(max(1, rate - 5)) if found.rate is not None else float(_TARGET)
    answers = min(max(found.answers or _ANSWERS, 1), MOST_ANSWERS)
    return Asked(answers, target, float(rate), float(_DISTANCE))


def _whole_percent(rate: float) -> int:
    return min(max(round(100 * rate), 1), 100)


def read_asked(given: Mapping[str, str], usual_: Asked) -> tuple[Asked, list[BadRequest]]:
    """Return what is asked, and what is wrong with it; what is wrong is left at its usual value."""
    wrong: list[BadRequest] = []

    def number(name: str, least: float, most: float, otherwise: float, *, whole: bool) -> float:
        text = normalize("NFKC", given.get(name, "")).strip().removesuffix("%").strip()
        if not text:
            return otherwise
        try:
            value = float(text)
            if not (text.isascii() and least <= value <= most) or (whole and value != int(value)):
                raise ValueError(text)
        except ValueError:
            rule = (
                _("is a whole number from %(least)g to %(most)g", least=least, most=most)
                if whole
                else _("is a number from %(least)g to %(most)g", least=least, most=most)
            )
            wrong.append(BadRequest(name, given[name], rule))
            return otherwise
        return round(value, 1)

    return Asked(
        int(number("answers", 1, MOST_ANSWERS, usual_.answers, whole=True)),
        number("target", 1, 99, usual_.target, whole=False),
        number("rate", 1, 100, usual_.rate, whole=False),
        number("distance", 1, 50, usual_.distance, whole=False),
    ), wrong


def plan(asked: Asked) -> Plan:
    """Return what so many answers can decide."""
    n, target, rate = asked.answers, asked.target / 100, asked.rate / 100
    failed, change = wrongly_failed(rate, n, target), detectable_change(rate, n, n)
    assert failed is not None  # noqa: S101 — there is at least one answer.
    assert change is not None  # noqa: S101
    below = target - BELOW / 100
    return Plan(
        asked,
        failed,
        wrongly_failed(below, n, target) if below > 0 else None,
        change,
        answers_to_decide(target, asked.distance / 100),
    )


def needed(weight: float | None) -> list[tuple[float, int]]:
    """Return how many answers about one person give each reliability; nothing where none can."""
    if weight is None:
        return []
    return [(wanted, max(1, round(answers_needed(wanted, weight)))) for wanted in RELIABILITIES]

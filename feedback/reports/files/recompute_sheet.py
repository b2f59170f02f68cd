"""Lays a figure out for a spreadsheet: what it is, the formulas that give it, and its answers."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from flask_babel import gettext as _

from feedback.measures.estimate import DEFINITIONS, LEVEL
from feedback.reports.figures import metric_words, wave_words
from feedback.reports.files.recompute import Counted, Recomputable
from feedback.reports.files.recompute_formulas import Formula
from feedback.reports.files.recompute_working import searches, working, worth_of
from feedback.reports.settling import Settling, settling_words

Cell = str | int | float | date | Formula | None
Row = Sequence[Cell]


def recompute_rows(
    found: Recomputable, *, settles: Settling, made_at: datetime, filters: Sequence[tuple[str, str]]
) -> Iterator[Row]:
    """Yield the rows of the sheet; `filters` are the names and the values the figure is asked by.

    First what the figure is, then its working beside what is shown, then a row for each answer.
    """
    head = list(_head(found, settles, made_at, filters))
    # The working's rows refer to the answers', which begin after them: so their number comes first.
    draft = working(found, row=1, answers_from=1, steps_from=1)
    working_from = len(head) + 3
    answers_from = working_from + len(draft) + 2
    steps_from = answers_from + len(found.answers) + 2
    yield from head
    yield ()
    yield ("", _("As shown"), _("Computed here"), _("How"))
    for line in working(found, row=working_from, answers_from=answers_from, steps_from=steps_from):
        yield (line.name, line.shown, line.formula, line.how)
    yield ()
    yield _columns(found.figure.metric)
    for one in found.answers:
        yield _answer(found, one)
    if found.figure.metric == "nps" and found.figure.has_value:
        yield ()
        yield (
            _("Step"), _("Low"), _("High"), _("Middle"), "B", "q", _("Variance"), _("Statistic"),
        )  # fmt: skip
        for search, first in searches(found, working_from, steps_from):
            yield from search.rows(first)


def _head(
    found: Recomputable, settles: Settling, made_at: datetime, filters: Sequence[tuple[str, str]]
) -> Iterator[Row]:
    figure, span = found.figure, found.filters.span
    yield (_("Recompute"), metric_words(figure.metric))
    yield (_("Definition"), DEFINITIONS[figure.metric].name, None, _meaning(figure.metric))
    yield (_("From"), span.first)
    yield (_("To"), span.last)
    yield (_("Days are"), _("those of the contact, not of the answer"))
    yield (_("Wave"), figure.wave, None, wave_words(figure.wave))
    yield from filters
    yield (_("Level of the interval"), LEVEL)
    yield (_("As of"), made_at.isoformat(timespec="seconds"))
    yield (
        _("Provisional"),
        _("yes") if figure.provisional else _("no"),
        None,
        settling_words(settles),
    )
    if any(one.day is None for one in found.answers):
        yield (
            _("Rows without a day"),
            sum(1 for one in found.answers if one.day is None),
            None,
            _("They are about people with too few answers to be listed, in the order of scores."),
        )
    if found.leaves_struck_out:
        yield (
            _("Struck"),
            None,
            None,
            _(
                "Some answers were struck about people with too few answers. They are not here, nor"
                " is the figure with them."
            ),
        )


def _columns(metric: str) -> Row:
    worth = {
        "csat": _("Satisfied (1 or 0)"),
        "nps": _("Promoter 1, detractor −1"),
        "ces": _("Counts for"),
    }[metric]
    return (
        _("Day of the contact"), _("Wave"), _("Score"), _("Counts (1 or 0)"), worth,
        _("Why struck"), _("Number of the contact"),
    )  # fmt: skip


def _answer(found: Recomputable, one: Counted) -> Row:
    counts = int(one.struck_because is None)
    worth = worth_of(found.figure.metric, one.score)
    because = one.struck_because or ""
    return (one.day, found.figure.wave, one.score, counts, worth, because, one.reference)


def _meaning(metric: str) -> str:
    return str(
        {
            "csat": _("The share of answers of 4 and 5 on the scale from 1 to 5."),
            "nps": _("The share of answers of 9 and 10 less that of 0 to 6, on 0 to 10."),
            "ces": _("The mean of answers on the scale from 1 to 7; 7 is the easiest."),
        }[metric]
    )

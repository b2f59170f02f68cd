"""Takes figures out as one long table: a row for each figure of each group and period."""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from feedback.measures.estimate import DEFINITIONS
from feedback.reports.files.sheet import Cell, Column, Sheet
from feedback.reports.request import ScoreRequest

WAVES = (1, 2)
# Everything, and each of these apart.
PARTED_BY = (None, "channel", "staff")

COLUMNS = (
    Column("metric", _("What is measured: csat, nps or ces.")),
    Column("definition", _("The definition the figure follows, with its version; see below.")),
    Column("by", _("What the figures are parted by; empty for all together.")),
    Column("key", _("The code or number of the group.")),
    Column("label", _("The name of the group.")),
    Column("period", _("The days, or the day, week, month or quarter, of the contacts.")),
    Column("wave", _("1: asked right after the contact; 2: asked 30 days later.")),
    Column("n", _("How many answered the question. A figure without it says nothing.")),
    Column("value", _("The figure; empty where nobody answered, which is not zero.")),
    Column("low", _("The lower end of its 95 % interval.")),
    Column("high", _("The upper end of its 95 % interval.")),
    Column(
        "status",
        _("ok; no_answers; or too_few: hidden from those who may not see everything."),
    ),
    Column("provisional", _("Whether late answers are still to be expected.")),
    Column("asked", _("How many were asked.")),
    Column("answered", _("How many of all answered, if only with words.")),
    Column("expected", _("Of a person: what their mix of work would lead one to expect.")),
    Column("reliability", _("Of a person: how much of a difference would not be chance, 0 … 1.")),
    Column(
        "standing",
        _("Of a person: below “enough” not for appraisal; “evidence” may be part of a review."),
    ),
    Column("best_estimate", _("Of a person, over all days: own answers and everybody's together.")),
    Column("best_low", _("The lower end of its 95 % interval.")),
    Column("best_high", _("The upper end of its 95 % interval.")),
    Column("own_weight", _("How much of the best estimate rests on the own answers, 0 … 1.")),
    Column("flag", _("low or high, where that is more than chance; empty else.")),
    Column("date_basis", _("Whose day counts: interaction, the day of the contact.")),
    Column("shared_n", _("Of a person: how many answers were about contacts shared with others.")),
    Column(
        "shared_weight", _("What own and shared answers weigh together, by parts agreed on before.")
    ),
    Column("shared_effective_n", _("How many whole answers these are worth.")),
    Column("shared_value", _("The share satisfied of own and shared answers together.")),
    Column("shared_low", _("The lower end of its 95 % interval.")),
    Column("shared_high", _("The upper end of its 95 % interval.")),
)
_MEANINGS = {
    "csat": _("The share of 4 and 5 among the answers from 1 to 5, in 0 … 1. Wilson's interval."),
    "nps": _(
        "The share of 9 and 10 less that of 0 to 6 among the answers from 0 to 10, in -1 … 1."
        " Tango's interval."
    ),
    "ces": _(
        "The mean of the answers from 1 to 7. A normal interval adjusted for the ends of the scale."
    ),
}


def export_scores(
    requests: Sequence[ScoreRequest], ask: Callable[[ScoreRequest], dict[str, Any]]
) -> Sheet:
    """Return the figures that `ask` gives for the requests, in their order."""
    notes = [(DEFINITIONS[metric].name, meaning) for metric, meaning in _MEANINGS.items()]
    basis = gettext("Figures are counted on the day of the contact, in the organisation's zone.")
    return Sheet(
        "scores",
        COLUMNS,
        _rows(requests, ask),
        len(requests),
        (*notes, (gettext("Days"), basis)),
        steps_are_rows=False,
    )


def all_requests(
    given: ScoreRequest, metrics: Sequence[str], parts: Sequence[str | None], waves: Sequence[int]
) -> list[ScoreRequest]:
    """Return a request for each metric, each way to part it, and each wave."""
    return [
        replace(given, metric=metric, by=by, wave=wave)
        for metric, by, wave in product(metrics, parts, waves)
    ]


def _rows(
    requests: Sequence[ScoreRequest], ask: Callable[[ScoreRequest], dict[str, Any]]
) -> Generator[Sequence[Cell]]:
    for request in requests:
        found = ask(request)
        for group in found["groups"]:
            key = next(iter(group["key"].values()), None)
            for point in group["points"]:
                yield (
                    found["metric"], found["definition"], request.by, key, group["label"],
                    point["period"], found["wave"], point["n"], point["value"], point["low"],
                    point["high"], point["status"], point["provisional"], point["asked"],
                    point["answered"], *_of_person(point.get("person") or {}),
                    found["date_basis"], *_of_shared(point.get("shared") or {}),
                )  # fmt: skip


def _of_person(person: Mapping[str, Any]) -> tuple[Cell, ...]:
    """Return what goes with the figure of a person; nothing with any other, and with NPS and CES.

    Without `by="staff"` or with several periods some of it is not there.
    """
    best = person.get("best_estimate") or {}
    return (
        *(person.get(name) for name in ("expected", "reliability", "standing")),
        *(best.get(name) for name in ("value", "low", "high", "own_weight")),
        person.get("flag"),
    )


def _of_shared(shared: Mapping[str, Any]) -> tuple[Cell, ...]:
    """Return what shared work adds to somebody's own; nothing where there is none."""
    names = ("n", "weight", "effective_n", "value", "low", "high")
    return tuple(shared.get(name) for name in names)

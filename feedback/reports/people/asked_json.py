"""Who was asked, as the API and commands have it: each person's way from contact to answer."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy.orm import Session

from feedback.reports.people.who_was_asked import TESTED_FROM, AskedPerson, who_was_asked
from feedback.reports.spans import Span
from feedback.reports.subjects import by_name, named


def who_was_asked_json(
    session: Session,
    where: Mapping[str, int],
    wave: int,
    span: Span,
    *,
    trouble_words: tuple[str, ...],
    min_group: int,
    own: int | None,
    told: Collection[int] | None,
    locale: str,
) -> dict[str, Any]:
    """Return everybody's coverage and the two tests, by name; also of whom nobody answered.

    `told` are the ids of those whose figure of these days is shown; None stands for everybody. To
    others nothing is said of the rest, nor of anybody of whom it is hidden how many answered.
    """
    # One person's rate is held against the others', so all of them are counted.
    of_all = {subject: id_ for subject, id_ in where.items() if subject != "staff"}
    # Who sees everything is hidden nothing.
    least = min_group if told is not None else 1
    found = who_was_asked(
        session, of_all, wave, span, trouble_words=trouble_words, min_group=least, own=own
    )
    names = named(session, "staff", locale)
    rows = [
        (names[id_][1], person)
        for id_, person in found.people.items()
        if where.get("staff") in (None, id_) and _is_told(person, told)
    ]
    return {
        "tested_from": TESTED_FROM,
        "tested": found.tested,
        "has_marks": found.has_marks,
        "people": [
            {"key": {"staff": names[person.staff_id][0]}, "label": name} | person.as_json()
            for name, person in sorted(rows, key=lambda row: (by_name(row[0]), row[1].staff_id))
        ],
    }


def _is_told(person: AskedPerson, told: Collection[int] | None) -> bool:
    return told is None or (person.staff_id in told and person.answered is not None)

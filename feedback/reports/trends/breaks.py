"""Finds where a question was put in other words: what came before is no measure of what follows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from feedback.interactions.models import Interaction
from feedback.reports.subjects import COLUMNS
from feedback.responses.models import Answer, Response, that_counts
from feedback.surveys.models import Option, Question, Survey

# The answers that came in first are enough to tell since which contacts a version is asked.
_EARLY = 200


@dataclass(frozen=True)
class Reworded:
    """The day of the first contact after which a question was put in other words."""

    day: date
    version: int


def reworded(session: Session, metric: str, wave: int, where: Mapping[str, int]) -> list[Reworded]:
    """Return where the question of a metric changed its words, scale or key, in order of days.

    `where` has the ids of what a figure is about: a change is of interest to it once it has an
    answer to the new words. The day is that of everybody, so it tells of nobody's own answers. A
    version in one language more, or with another question reworded, is no change of this one.
    """
    surveys = session.scalars(
        sa.select(Survey)
        .where(Survey.published_at.is_not(None))
        .order_by(Survey.key, Survey.version)
        .options(
            selectinload(Survey.questions).selectinload(Question.texts),
            selectinload(Survey.questions)
            .selectinload(Question.options)
            .selectinload(Option.texts),
        )
    )
    found = []
    for _key, versions in groupby(surveys, key=lambda survey: survey.key):
        last: _Words | None = None
        for survey in versions:
            words = _words_of(survey, metric)
            if words is None:
                continue
            if last is not None and _differ(last, words):
                day = _first_day(session, survey, metric, wave)
                if day is None:
                    # Never answered: whatever is asked next is compared with what was.
                    continue
                if _concerns(session, survey, wave, where):
                    found.append(Reworded(day, survey.version))
            last = words
    return sorted(found, key=lambda one: one.day)


# Each text of the question and of what may be chosen, by its place and language.
_Words = Mapping[tuple[str, str], str]


def _words_of(survey: Survey, metric: str) -> _Words | None:
    question = next((one for one in survey.questions if one.kind == metric), None)
    if question is None:
        return None
    # A question said to be no longer comparable has another key, even where it sounds the same.
    words: dict[tuple[str, str], str] = {("key", ""): question.key}
    for text in question.texts:
        parts = {"prompt": text.prompt, "low": text.low_label, "high": text.high_label,
                 "hint": text.hint}  # fmt: skip
        words |= {(name, text.locale): _plain(part) for name, part in parts.items()}
    # The same scores in every language are the scale itself.
    words["values", ""] = " ".join(option.value for option in question.options)
    for option in question.options:
        words |= {
            (f"option {option.value}", text.locale): _plain(text.label) for text in option.texts
        }
    return words


def _plain(text: str) -> str:
    return " ".join(text.split())


def _differ(before: _Words, after: _Words) -> bool:
    """Tell whether a language both have says something else, or whether they share none."""
    shared = _languages(before) & _languages(after)
    if not shared:
        return True

    def said(words: _Words) -> dict[tuple[str, str], str]:
        kept = {"", *shared}
        return {place: text for place, text in words.items() if place[1] in kept and text}

    return said(before) != said(after)


def _languages(words: Iterable[tuple[str, str]]) -> set[str]:
    return {locale for _name, locale in words if locale}


def _first_day(session: Session, survey: Survey, metric: str, wave: int) -> date | None:
    early = (
        sa.select(Response.interaction_id)
        .join(Answer, Answer.response_id == Response.id)
        .where(
            Response.survey_id == survey.id,
            Response.wave == wave,
            # Nobody answers what is not published; so the index on this column is of use.
            Response.answered_at >= survey.published_at,
            that_counts(),
            Answer.metric == metric,
        )
        .order_by(Response.answered_at)
        .limit(_EARLY)
        .subquery()
    )
    return session.scalar(
        sa.select(sa.func.min(Interaction.day)).join(
            early, early.c.interaction_id == Interaction.id
        )
    )


def _concerns(session: Session, survey: Survey, wave: int, where: Mapping[str, int]) -> bool:
    if not where:
        return True
    there = (
        sa.select(Response.id)
        .join(Interaction, Interaction.id == Response.interaction_id)
        .where(Response.survey_id == survey.id, Response.wave == wave, that_counts())
        .where(*(COLUMNS[subject] == id_ for subject, id_ in where.items()))
    )
    return bool(session.scalar(sa.select(there.exists())))

"""The words of a survey in the language asked for, or in the nearest one there is."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.languages import frame_of
from feedback.surveys.models import Option, Question, QuestionText, Survey, SurveyText


class _InALanguage(Protocol):
    locale: str


Text = TypeVar("Text", bound=_InALanguage)


def in_language(texts: Sequence[Text], locale: str) -> Text:
    """Return the text in the language, else in one of the same family, else English, else any."""
    by_locale = {text.locale: text for text in texts}
    family = locale.split("-")[0]
    near = (text for tag, text in by_locale.items() if tag.split("-")[0] == family)
    return by_locale.get(locale) or next(near, None) or by_locale.get("en") or texts[0]


def survey_languages(session: Session, survey_id: int) -> list[str]:
    """Return the languages a version can be answered in: its own, as far as we speak them."""
    return spoken(session.scalar(sa.select(tags_of(sa.literal(survey_id)))))


def tags_of(survey_id: sa.SQLColumnExpression[int]) -> sa.ScalarSelect[str]:
    """Return a query for the languages of a version, as one text with commas."""
    return (
        sa.select(sa.func.aggregate_strings(SurveyText.locale, ","))
        .where(SurveyText.survey_id == survey_id)
        .scalar_subquery()
    )


def spoken(tags: str | None) -> list[str]:
    """Return those of the languages, in order, in which we have words round the questions."""
    found = [tag for tag in sorted((tags or "").split(",")) if tag and frame_of(tag)]
    return found or ["en", "zh-Hans"]


def survey_text(survey: Survey, locale: str) -> SurveyText:
    """Return the survey's title and introduction."""
    return in_language(survey.texts, locale)


def question_text(question: Question, locale: str) -> QuestionText:
    """Return the question's words."""
    return in_language(question.texts, locale)


def option_label(option: Option, locale: str) -> str:
    """Return the option's label."""
    return in_language(option.texts, locale).label

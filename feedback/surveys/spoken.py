"""The languages a version can be answered in: its own, as far as we speak them."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.languages import frame_of
from feedback.surveys.models import SurveyText


def survey_languages(session: Session, survey_id: int) -> list[str]:
    """Return the languages of a version in which there are words round the questions, in order."""
    return spoken(session.scalar(sa.select(tags_of(sa.literal(survey_id)))))


def tags_of(survey_id: sa.SQLColumnExpression[int]) -> sa.ScalarSelect[str]:
    """Return a query for all languages of a version, as one text with commas."""
    return (
        sa.select(sa.func.aggregate_strings(SurveyText.locale, ","))
        .where(SurveyText.survey_id == survey_id)
        .scalar_subquery()
    )


def spoken(tags: str | None) -> list[str]:
    """Return those of the languages, in order, in which there are words round the questions."""
    found = [tag for tag in sorted((tags or "").split(",")) if tag and frame_of(tag)]
    return found or ["en", "zh-Hans"]

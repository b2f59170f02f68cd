"""Reads a version of a survey as plain values."""

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from feedback.surveys.content import Content, ItemContent, OptionContent, Words
from feedback.surveys.gaps import Upkeep
from feedback.surveys.models import Option, Question, Survey


def read_survey(session: Session, survey_id: int) -> Survey | None:
    """Return the version with everything it says loaded, or None."""
    questions = selectinload(Survey.questions)
    options = questions.selectinload(Question.options)
    return (
        session.scalars(
            sa.select(Survey)
            .where(Survey.id == survey_id)
            .options(
                joinedload(Survey.texts),
                questions.joinedload(Question.texts),
                options.joinedload(Option.texts),
            )
            # What was stored by statements of its own is not what the session remembers.
            .execution_options(populate_existing=True)
        )
        .unique()
        .one_or_none()
    )


def read_contents(session: Session, survey_ids: Collection[int]) -> dict[int, Content]:
    """Return what each of these versions asks, by its number; all of them read together."""
    questions = selectinload(Survey.questions)
    options = questions.selectinload(Question.options)
    surveys = session.scalars(
        sa.select(Survey)
        .where(Survey.id.in_(survey_ids))
        .options(
            selectinload(Survey.texts),
            questions.selectinload(Question.texts),
            options.selectinload(Option.texts),
        )
    )
    return {survey.id: content_of(survey) for survey in surveys} if survey_ids else {}


def content_of(survey: Survey) -> Content:
    """Return what the version asks, its languages in the order of their tags."""
    tags = sorted(text.locale for text in survey.texts)
    return Content(
        languages=tuple(tags),
        titles={text.locale: text.title for text in survey.texts},
        intros={text.locale: text.intro for text in survey.texts},
        items=tuple(_item(question) for question in survey.questions),
    )


def _item(question: Question) -> ItemContent:
    return ItemContent(
        key=question.key,
        kind=question.kind,
        is_required=question.is_required,
        texts={
            text.locale: Words(text.prompt, text.low_label, text.high_label, text.hint)
            for text in question.texts
        },
        options=tuple(
            OptionContent(
                option.value, option.side, {text.locale: text.label for text in option.texts}
            )
            for option in question.options
        ),
        after_key=question.after_key,
        after_side=question.after_side,
        stays_comparable=question.stays_comparable,
    )


def upkeep_of(survey: Survey) -> Upkeep:
    """Return what is said about the version."""
    return Upkeep(
        purpose_en=survey.purpose_en,
        purpose_zh=survey.purpose_zh,
        owner_name=survey.owner_name,
        owner_email=survey.owner_email,
        most_questions=survey.most_questions,
    )

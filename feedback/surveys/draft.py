"""Begins, saves and drops drafts. Only a draft is ever written: what is published stays as it is.

Every way in begins with one guarded UPDATE, which finds no row where the version is published or
somebody else has saved it meanwhile. Nothing else in the program writes these tables.
"""

from dataclasses import asdict, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.surveys.content import Content, ItemContent
from feedback.surveys.gaps import Upkeep
from feedback.surveys.models import (
    Option,
    OptionText,
    Question,
    QuestionText,
    Survey,
    SurveyText,
)
from feedback.surveys.read import content_of, upkeep_of


class NotADraft(Exception):
    """The version is published or gone, or has been saved by somebody else meanwhile."""


def begin_draft(
    session: Session, key: str, content: Content, upkeep: Upkeep, now: datetime
) -> Survey:
    """Add a draft of a new survey, or the next version of one there is; flushed.

    The database refuses a second draft under one key (IntegrityError).
    """
    last = session.scalar(sa.select(sa.func.max(Survey.version)).where(Survey.key == key))
    survey = Survey(key=key, version=(last or 0) + 1, drafted_at=now, **asdict(upkeep))
    session.add(survey)
    session.flush()
    _write(session, survey.id, content)
    return survey


def begin_version(session: Session, published: Survey, now: datetime) -> Survey:
    """Add a draft that says what a published version says."""
    return begin_draft(
        session, published.key, _undecided(content_of(published)), upkeep_of(published), now
    )


def copy_survey(session: Session, survey: Survey, key: str, now: datetime) -> Survey:
    """Add a draft of another survey that begins with the same words."""
    return begin_draft(session, key, _undecided(content_of(survey)), upkeep_of(survey), now)


def _undecided(content: Content) -> Content:
    return replace(
        content, items=tuple(replace(item, stays_comparable=None) for item in content.items)
    )


def save_draft(
    session: Session, survey_id: int, revision: int, content: Content, upkeep: Upkeep
) -> int:
    """Let the draft say this, in the caller's transaction; return its new revision.

    Raises:
        NotADraft: it is none any more, or not the one that was shown.

    """
    _take(session, survey_id, revision, **asdict(upkeep))
    _clear(session, survey_id)
    _write(session, survey_id, content)
    return revision + 1


def drop_draft(session: Session, survey_id: int, revision: int) -> None:
    """Remove a draft; nothing refers to what was never published.

    Raises:
        NotADraft: it is none any more, or not the one that was shown.

    """
    _take(session, survey_id, revision)
    _clear(session, survey_id)
    session.execute(sa.delete(Survey).where(Survey.id == survey_id))


def _take(session: Session, survey_id: int, revision: int, **values: object) -> None:
    taken = session.execute(
        sa.update(Survey)
        .where(Survey.id == survey_id, Survey.revision == revision, Survey.published_at.is_(None))
        .values(revision=revision + 1, **values)
        .returning(Survey.id)
        .execution_options(synchronize_session=False)
    )
    if taken.scalar() is None:
        raise NotADraft


def _clear(session: Session, survey_id: int) -> None:
    questions = sa.select(Question.id).where(Question.survey_id == survey_id)
    options = sa.select(Option.id).where(Option.question_id.in_(questions))
    for table, mine in (
        (OptionText, OptionText.option_id.in_(options)),
        (Option, Option.question_id.in_(questions)),
        (QuestionText, QuestionText.question_id.in_(questions)),
        (Question, Question.survey_id == survey_id),
        (SurveyText, SurveyText.survey_id == survey_id),
    ):
        session.execute(sa.delete(table).where(mine).execution_options(synchronize_session=False))


def _write(session: Session, survey_id: int, content: Content) -> None:
    # By statements, since rows of the same keys may just have gone. Whoever reads the draft after
    # this reads it by `read_survey`, which forgets what was there before.
    for tag in content.languages:
        title, intro = content.titles.get(tag, ""), content.intros.get(tag, "")
        session.execute(
            sa.insert(SurveyText).values(survey_id=survey_id, locale=tag, title=title, intro=intro)
        )
    for position, item in enumerate(content.items, start=1):
        _write_item(session, survey_id, position, item)


def _write_item(session: Session, survey_id: int, position: int, item: ItemContent) -> None:
    question_id = session.execute(
        sa.insert(Question)
        .values(
            survey_id=survey_id,
            position=position,
            key=item.key,
            kind=item.kind,
            is_required=item.is_required,
            after_key=item.after_key,
            after_side=item.after_side,
            stays_comparable=item.stays_comparable,
        )
        .returning(Question.id)
    ).scalar_one()
    for tag, words in item.texts.items():
        text = {"question_id": question_id, "locale": tag, **asdict(words)}
        session.execute(sa.insert(QuestionText).values(**text))
    for place, option in enumerate(item.options, start=1):
        values = {"question_id": question_id, "position": place, "value": option.value}
        option_id = session.execute(
            sa.insert(Option).values(**values, side=option.side).returning(Option.id)
        ).scalar_one()
        labels = [
            {"option_id": option_id, "locale": tag, "label": text}
            for tag, text in option.labels.items()
        ]
        if labels:
            session.execute(sa.insert(OptionText), labels)

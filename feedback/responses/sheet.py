"""A survey as one page shows it: its questions in order, with their choices, in one language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from feedback.surveys.models import Option, Question, Survey
from feedback.surveys.scales import SCALES, Scale
from feedback.surveys.wording import option_label, question_text, survey_text


@dataclass(frozen=True)
class Choice:
    """One thing to choose; `side` says whether it goes with a low or a high score, or with both."""

    value: str
    label: str
    side: str | None


@dataclass(frozen=True)
class Item:
    """One question."""

    key: str
    kind: str
    is_required: bool
    prompt: str
    low_label: str
    high_label: str
    hint: str
    choices: Sequence[Choice]
    # Whether the choices have words of their own; a scale without them is a row of numbers.
    has_words: bool

    @property
    def scale(self) -> Scale | None:
        """Return the scale the question is answered on, or None."""
        return SCALES.get(self.kind)

    @property
    def groups(self) -> list[tuple[str | None, str, list[Choice]]]:
        """Return the choices by side, each with its side and its heading, in the order given."""
        labels = {"low": self.low_label, "high": self.high_label}
        sides = dict.fromkeys(choice.side for choice in self.choices)
        return [
            (
                side,
                labels.get(side or "") or self.prompt,
                [choice for choice in self.choices if choice.side == side],
            )
            for side in sides
        ]

    def reads(self, text: str) -> bool:
        """Tell whether the text is one of the choices, exactly as it is written."""
        return any(choice.value == text for choice in self.choices)


@dataclass(frozen=True)
class Sheet:
    """A survey's page in one language."""

    locale: str
    title: str
    intro: str
    items: Sequence[Item]

    @property
    def leading(self) -> Item | None:
        """Return the question whose choices are the links in the mail."""
        return next((item for item in self.items if item.kind in ("csat", "ces")), None)

    def preselected(self, asked: Mapping[str, str]) -> dict[str, set[str]]:
        """Return what an address asks to have chosen, as far as it can be."""
        return {
            item.key: {asked[item.key]}
            for item in self.items
            if item.kind != "text" and item.key in asked and item.reads(asked[item.key])
        }


def load_sheet(session: Session, survey_id: int, locale: str) -> Sheet:
    """Return the page of a survey in the language, or in the nearest one its words exist in."""
    questions = selectinload(Survey.questions)
    options = questions.selectinload(Question.options)
    survey = (
        session.scalars(
            sa.select(Survey)
            .where(Survey.id == survey_id)
            .options(
                joinedload(Survey.texts),
                questions.joinedload(Question.texts),
                options.joinedload(Option.texts),
            )
        )
        .unique()
        .one()
    )
    words = survey_text(survey, locale)
    return Sheet(
        locale=locale,
        title=words.title,
        intro=words.intro,
        items=[_item(question, locale) for question in survey.questions],
    )


def _item(question: Question, locale: str) -> Item:
    words, scale = question_text(question, locale), SCALES.get(question.kind)
    choices = [
        Choice(
            option.value,
            option_label(option, locale),
            scale.side(int(option.value)) if scale else option.side,
        )
        for option in question.options
    ]
    has_words = bool(choices)
    if scale and not choices:
        scores = range(scale.lowest, scale.highest + 1)
        choices = [Choice(str(score), str(score), scale.side(score)) for score in scores]
    return Item(
        key=question.key,
        kind=question.kind,
        is_required=question.is_required,
        prompt=words.prompt,
        low_label=words.low_label,
        high_label=words.high_label,
        hint=words.hint,
        choices=choices,
        has_words=has_words,
    )

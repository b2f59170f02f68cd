"""A survey as one page shows it: its questions in order, with their choices, in one language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from feedback.surveys.content import LEADING, Content, ItemContent, Words
from feedback.surveys.length import Length, length_of
from feedback.surveys.read import content_of, read_survey
from feedback.surveys.scales import QUESTION_SCALES, Scale, side_of
from feedback.surveys.wording import in_language


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
    after_key: str | None = None
    after_side: str | None = None
    # Of one shown only after some answers, the place and the side it follows, such as "2-low".
    follows: str = ""
    # Of one that others follow, its own place; else None.
    place: int | None = None

    @property
    def scale(self) -> Scale | None:
        """Return the scale the question is answered on, or None."""
        return QUESTION_SCALES.get(self.kind)

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
        return next((i for kind in LEADING for i in self.items if i.kind == kind), None)

    @property
    def ends(self) -> tuple[str, str]:
        """Return what the ends of the leading row of numbers mean; empty where they are words."""
        leading = self.leading
        if leading is None or leading.has_words:
            return "", ""
        return leading.low_label, leading.high_label

    @property
    def needs_more_style(self) -> bool:
        """Tell whether a question follows certain answers, or is a short row of numbers."""
        return any(
            item.follows or (item.scale and not item.has_words and len(item.choices) < 11)
            for item in self.items
        )

    @property
    def length(self) -> Length:
        """Return what it takes of the customer's time."""
        return length_of(self.items)

    def preselected(self, asked: Mapping[str, str]) -> dict[str, set[str]]:
        """Return what an address asks to have chosen, as far as it can be."""
        return {
            item.key: {asked[item.key]}
            for item in self.items
            if item.kind != "text" and item.key in asked and item.reads(asked[item.key])
        }


def load_sheet(session: Session, survey_id: int, locale: str) -> Sheet:
    """Return the page of a survey in the language, or in the nearest one its words exist in."""
    survey = read_survey(session, survey_id)
    if survey is None:
        raise LookupError(survey_id)
    return sheet_of_content(content_of(survey), locale)


def sheet_of_content(content: Content, locale: str) -> Sheet:
    """Return the page of what a survey asks, also of one that is being written."""
    return Sheet(
        locale=locale,
        title=in_language(content.titles, locale) or "",
        intro=in_language(content.intros, locale) or "",
        items=[_item(content, item, locale) for item in content.items],
    )


def _item(content: Content, item: ItemContent, locale: str) -> Item:
    words, scale = in_language(item.texts, locale) or Words(), QUESTION_SCALES.get(item.kind)
    choices = [
        Choice(
            option.value,
            in_language(option.labels, locale) or "",
            side_of(item.kind, option.value) if item.has_sides else option.side,
        )
        for option in item.options
    ]
    has_words = bool(choices)
    if scale and not choices:
        scores = range(scale.lowest, scale.highest + 1)
        choices = [Choice(str(score), str(score), scale.side(score)) for score in scores]
    places = {other.key: place for place, other in enumerate(content.items, start=1)}
    leads = any(other.after_key == item.key for other in content.items)
    return Item(
        key=item.key,
        kind=item.kind,
        is_required=item.is_required,
        prompt=words.prompt,
        low_label=words.low_label,
        high_label=words.high_label,
        hint=words.hint,
        choices=choices,
        has_words=has_words,
        after_key=item.after_key,
        after_side=item.after_side,
        follows=f"{places[item.after_key]}-{item.after_side}" if item.after_key in places else "",
        place=places[item.key] if leads else None,
    )

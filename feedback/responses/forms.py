"""Reads what somebody sent, question by question, and says what is wrong with it.

WTForms validates; the radio buttons are drawn by a macro, which is four times as fast.
"""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from wtforms import Field, ValidationError
from wtforms.form import BaseForm

from feedback.interactions.fields import clean
from feedback.responses.given import GivenAnswer
from feedback.responses.mask import mask_numbers
from feedback.responses.sheet import Item, Sheet
from feedback.surveys.scales import side_of

LONGEST_COMMENT = 1000


class _QuestionField(Field):  # type: ignore[misc]
    """One question's answer; `answers` are the rows it makes."""

    data: Any

    def __init__(self, item: Item, **rest: object) -> None:
        super().__init__(**rest)
        self.item = item

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was sent; a ValueError says what is wrong with it."""
        # A field that was left empty is sent as nothing or as empty text, as browsers like.
        given = list(dict.fromkeys(text for text in valuelist if text))
        self.data = self.read(given) if given else None

    def pre_validate(self, form: BaseForm) -> None:
        """Ask for what must be answered."""
        is_wanted = self.item.is_required and is_asked(form, self.item)
        if is_wanted and self.data is None and not self.errors:
            raise ValidationError(self.wanting())

    def wanting(self) -> str:
        """Return what to say where nothing was given."""
        return str(_("Please choose one."))

    def read(self, given: list[str]) -> object:
        raise NotImplementedError

    def answers(self, side: str | None) -> Sequence[GivenAnswer]:
        raise NotImplementedError


class _ScoreField(_QuestionField):
    def read(self, given: list[str]) -> int:
        scale = self.item.scale
        assert scale is not None  # noqa: S101 — only questions with a scale get this field.
        try:
            (text,) = given
            return scale.read(text)
        except ValueError as error:
            rule = _(
                "Please choose one of the answers from %(low)s to %(high)s.",
                low=scale.lowest,
                high=scale.highest,
            )
            raise ValueError(rule) from error

    def answers(self, side: str | None) -> Sequence[GivenAnswer]:
        if self.data is None:
            return []
        return [GivenAnswer(self.item.key, metric=self.item.kind, score=self.data)]


class _ChoiceField(_QuestionField):
    def read(self, given: list[str]) -> str:
        if len(given) > 1 or not self.item.reads(given[0]):
            raise ValueError(_("Please choose one of the answers shown."))
        return given[0]

    def answers(self, side: str | None) -> Sequence[GivenAnswer]:
        return [] if self.data is None else [GivenAnswer(self.item.key, choice=self.data)]


class _ChoicesField(_QuestionField):
    def read(self, given: list[str]) -> list[str]:
        if not all(map(self.item.reads, given)):
            raise ValueError(_("Please choose among the answers shown."))
        return given

    def answers(self, side: str | None) -> Sequence[GivenAnswer]:
        # Without scripts a page cannot untick the reasons of the other side as the score changes.
        fitting = {choice.value for choice in self.item.choices if choice.side in (None, side)}
        chosen = [value for value in self.data or () if value in fitting]
        return [GivenAnswer(self.item.key, choice=value) for value in chosen]


class _TextField(_QuestionField):
    def wanting(self) -> str:
        return str(_("Please write a few words."))

    def read(self, given: list[str]) -> str | None:
        text = clean(given[0])
        if len(text) > LONGEST_COMMENT:
            raise ValueError(
                _(
                    "At most %(limit)s characters, please; these are %(length)s.",
                    limit=LONGEST_COMMENT,
                    length=len(text),
                )
            )
        return mask_numbers(text) or None

    def answers(self, side: str | None) -> Sequence[GivenAnswer]:
        return [] if self.data is None else [GivenAnswer(self.item.key, comment=self.data)]


def is_asked(form: BaseForm, item: Item) -> bool:
    """Tell whether the question is one for who answered this: its rule, and its rule's rule."""
    if item.after_key is None:
        return True
    lead = form[item.after_key]
    given = None if lead.data is None else str(lead.data)
    on_side = given is not None and side_of(lead.item.kind, given) == item.after_side
    return on_side and is_asked(form, lead.item)


_FIELDS = {
    "resolved": _ChoiceField,
    "choice": _ChoiceField,
    "choices": _ChoicesField,
    "text": _TextField,
}


class SurveyForm:
    """A survey's answers as they were sent: what they are, or what is wrong with each."""

    def __init__(self, sheet: Sheet, sent: MultiDict[str, str]) -> None:
        self.sheet = sheet
        self.sent = sent
        fields = {item.key: _FIELDS.get(item.kind, _ScoreField)(item) for item in sheet.items}
        self._form = BaseForm(fields)
        self._form.process(sent)
        self.is_good = bool(self._form.validate())

    @property
    def errors(self) -> dict[str, str]:
        """Return what is wrong, by question, in the order of the questions."""
        return {
            item.key: str(self._form[item.key].errors[0])
            for item in self.sheet.items
            if self._form[item.key].errors
        }

    @property
    def values(self) -> dict[str, set[str]]:
        """Return everything as it was entered, so that the page can show it again."""
        return {item.key: set(self.sent.getlist(item.key)) for item in self.sheet.items}

    @property
    def texts(self) -> dict[str, str]:
        """Return what was written, as it was written."""
        return {i.key: self.sent.get(i.key, "") for i in self.sheet.items if i.kind == "text"}

    @property
    def leading_score(self) -> int | None:
        """Return the score of the question that stands in the mail."""
        leading = self.sheet.leading
        return self._form[leading.key].data if leading else None

    @property
    def answers(self) -> list[GivenAnswer]:
        """Return the answers of a form that is good, with the reasons that fit its score."""
        leading = self.sheet.leading
        side = leading.scale.side(self.leading_score) if leading and leading.scale else None
        # Without scripts a page cannot empty what a changed answer has hidden again.
        asked = (field for field in self._form if is_asked(self._form, field.item))
        return [answer for field in asked for answer in field.answers(side)]

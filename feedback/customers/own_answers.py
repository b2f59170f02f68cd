"""What somebody was asked and what they said, in the words they were asked in."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol, TypeVar

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session, joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from feedback.config import AnswerPolicy
from feedback.interactions.models import Interaction
from feedback.invitations.fate import state
from feedback.invitations.models import Invitation
from feedback.responses.amend import change_until
from feedback.responses.models import FormerAnswer, Response
from feedback.responses.sheet import Sheet, load_sheet
from feedback.retention.chunks import chunks
from feedback.retention.person import Person
from feedback.surveys.scales import SCALES

Row = TypeVar("Row", Invitation, Response)


class Line(NamedTuple):
    """One question as it was put, and what was said to it; `given` is the value as it is kept."""

    key: str
    question: str
    said: tuple[str, ...]
    given: tuple[str | int, ...]


@dataclass(frozen=True)
class Said:
    """One answer: its questions in their order, and what stood there before it was changed."""

    response: Response
    lines: list[Line]
    former: list[Line]
    # Until when it may still be changed; None where it may not.
    change_until: datetime | None


@dataclass(frozen=True)
class Wave:
    """One asking: the invitation, if there was one, and what was said, if anything was."""

    number: int
    invitation: Invitation | None
    state: str
    said: Said | None


@dataclass(frozen=True)
class Contact:
    """One contact, and each time it was asked about."""

    interaction: Interaction
    waves: list[Wave]


class _Value(Protocol):
    question_key: str
    choice: str
    score: int | None
    comment: str | None


def contacts_of(
    session: Session, person: Person, *, locale: str, policy: AnswerPolicy, now: datetime
) -> list[Contact]:
    """Return the person's contacts, the latest first, with what they were asked and said.

    Questions stand as the survey's own version put them, in the language they were answered in;
    where another system put them, `locale` is what they are told in.
    """
    ids = person.interaction_ids
    invitations = _by_place(session, Invitation, ids)
    responses = _by_place(session, Response, ids, selectinload(Response.answers))
    reader = _Reader(session, locale, policy, now, {})
    found = []
    for interaction in _interactions(session, ids):
        waves: list[Wave] = []
        for number in (1, 2):
            place = interaction.id, number
            invitation, response = invitations.get(place), responses.get(place)
            # Who was not asked the first time is not asked again, though that is decided and
            # written down only on its day.
            if number == 2 and response is None and _will_not_be(invitation, waves):
                continue
            if invitation is not None or response is not None:
                waves.append(reader.wave(number, invitation, response))
        found.append(Contact(interaction, waves))
    return sorted(found, key=lambda one: (one.interaction.closed_at, one.interaction.id))[::-1]


def _will_not_be(follow_up: Invitation | None, before: Sequence[Wave]) -> bool:
    if follow_up is None or follow_up.issued_at is not None or follow_up.withheld_at is not None:
        return False
    return any(wave.state == "withheld" for wave in before)


def _interactions(session: Session, ids: Iterable[int]) -> Iterable[Interaction]:
    for chunk in chunks(ids):
        yield from session.scalars(
            sa.select(Interaction)
            .where(Interaction.id.in_(chunk))
            .options(
                joinedload(Interaction.channel),
                joinedload(Interaction.staff),
                joinedload(Interaction.team),
                joinedload(Interaction.customer),
            )
        )


def _by_place(
    session: Session, table: type[Row], ids: Iterable[int], *options: ORMOption
) -> Mapping[tuple[int, int], Row]:
    return {
        (row.interaction_id, row.wave): row
        for chunk in chunks(ids)
        for row in session.scalars(
            sa.select(table).where(table.interaction_id.in_(chunk)).options(*options)
        )
    }


@dataclass(frozen=True)
class _Reader:
    session: Session
    locale: str
    policy: AnswerPolicy
    now: datetime
    sheets: dict[tuple[int, str], Sheet]

    def wave(self, number: int, invitation: Invitation | None, response: Response | None) -> Wave:
        # What is held for a machine's is nobody's answer.
        is_said = response is not None and response.suspected_at is None
        said = self._said(response, invitation) if response is not None and is_said else None
        known = "answered" if said else state(invitation, self.now) if invitation else "withheld"
        return Wave(number, invitation, known, said)

    def _said(self, response: Response, invitation: Invitation | None) -> Said:
        survey_id = response.survey_id or (invitation.survey_id if invitation else None)
        sheet = self._sheet(survey_id, response.locale or self.locale) if survey_id else None
        until = change_until(response, self.policy)
        former = self.session.scalars(
            sa.select(FormerAnswer)
            .where(FormerAnswer.response_id == response.id)
            .order_by(FormerAnswer.id)
        ).all()
        return Said(
            response=response,
            lines=_lines(sheet, response.answers),
            former=_lines(sheet, former),
            change_until=until if until is not None and self.now < until else None,
        )

    def _sheet(self, survey_id: int, locale: str) -> Sheet:
        key = survey_id, locale
        if key not in self.sheets:
            self.sheets[key] = load_sheet(self.session, survey_id, locale)
        return self.sheets[key]


def _lines(sheet: Sheet | None, values: Iterable[_Value]) -> list[Line]:
    """Return what was said, question by question, in the order of the survey."""
    by_key: dict[str, list[_Value]] = {}
    for value in values:
        by_key.setdefault(value.question_key, []).append(value)
    items = {item.key: item for item in sheet.items} if sheet else {}
    order = [*items, *sorted(by_key.keys() - items.keys())]
    lines = []
    for key in order:
        given = sorted(by_key.get(key, ()), key=lambda value: value.choice)
        if not given:
            continue
        item = items.get(key)
        labels = {choice.value: choice.label for choice in item.choices} if item else {}
        worded = item is not None and (item.has_words or item.scale is None)
        lines.append(
            Line(
                key,
                item.prompt if item else _question_words(key),
                tuple(_words(value, labels if worded else {}) for value in given),
                tuple(_given(value) for value in given),
            )
        )
    return lines


def _words(value: _Value, labels: Mapping[str, str]) -> str:
    if value.comment is not None:
        return value.comment
    if value.score is None:
        return labels.get(value.choice, value.choice)
    plain = str(value.score)
    if plain in labels:
        return labels[plain]
    scale = SCALES.get(value.question_key)
    return f"{plain} ({scale.lowest}–{scale.highest})" if scale else plain


def _given(value: _Value) -> str | int:
    return value.score if value.score is not None else value.comment or value.choice


def _question_words(key: str) -> str:
    """Return what a question that another system put is about."""
    names = {
        "csat": _("Satisfaction"),
        "nps": _("Would recommend us"),
        "ces": _("How easy it was"),
        "comment": _("In your own words"),
    }
    return str(names.get(key, key))

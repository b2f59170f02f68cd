"""The pages a link can lead to, and what stands on them."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

import sqlalchemy as sa
from flask import Response, current_app, g

from feedback import links
from feedback.config import AnswerPolicy
from feedback.database import db, reading
from feedback.interactions.channel_words import channel_words
from feedback.invitations.models import Invitation
from feedback.responses.amend import change_until
from feedback.responses.doorway import page, url_for
from feedback.responses.exchange import answers_of
from feedback.responses.forms import LONGEST_COMMENT
from feedback.responses.opening import Opened
from feedback.responses.sheet import Sheet, load_sheet
from feedback.surveys.length_words import length_words

_SHEETS = "survey_sheets"

ENDED = {"stopped": "closed", "closed": "closed", "expired": "expired", "erased": "closed"}


@dataclass
class Filled:
    """What stands in the form as it is shown: chosen, written, wrong, and why it is shown again."""

    values: dict[str, set[str]] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    preselected: str = ""
    again: str = ""


def answer_policy() -> AnswerPolicy:
    """Return how long an answer may be changed here."""
    return AnswerPolicy.from_config(current_app.config)


def sheet_of(opened: Opened) -> Sheet:
    """Return the invitation's own version of the survey, in the page's language.

    A published survey is never reworded, only superseded, so each process reads it once; the
    moment it was published tells it from another that a restored backup may bring.
    """
    locale = str(g.language)
    survey = opened.invitation.survey
    known = current_app.extensions.setdefault(_SHEETS, {})
    place = (survey.id, survey.published_at, locale)
    if place in known and survey.published_at is not None:
        return cast(Sheet, known[place])
    with reading():
        sheet = known[place] = load_sheet(db.session(), survey.id, locale)
        db.session.close()
    return sheet


def as_it_stands(opened: Opened) -> Filled:
    """Return the form as it was last sent, for changing it."""
    filled = Filled()
    assert opened.response is not None  # noqa: S101 — only an answer can be changed.
    for answer in answers_of(db.session(), opened.response):
        value = answer.choice if answer.score is None else str(answer.score)
        filled.values.setdefault(answer.question_key, set()).add(value)
        filled.texts[answer.question_key] = answer.comment or ""
    return filled


def survey_page(
    opened: Opened,
    sheet: Sheet,
    filled: Filled,
    now: datetime,
    *,
    amending: bool = False,
    status: int = 200,
) -> Response:
    """Return the survey, with a nonce that says for whom and when it was shown."""
    purpose = "amend" if amending else "answer"
    return page(
        "page",
        status=status,
        opened=opened,
        sheet=sheet,
        filled=filled,
        amending=amending,
        nonce=links.page_nonce(opened.invitation.id, purpose=purpose, now=now),
        longest=LONGEST_COMMENT,
        length=length_words(sheet.length),
        channel=channel_words(opened.interaction.channel, sheet.locale),
        privacy=opened.privacy(sheet.locale, current_app.config["RETENTION_MONTHS"]),
        survey_url=url_for,
    )


def thanks_page(opened: Opened, now: datetime) -> Response:
    """Return the receipt with what happens next: only what does."""
    return _receipt("thanks", opened, now, is_asked_again=_is_asked_again(opened))


def answered_page(
    opened: Opened, now: datetime, *, asked: tuple[str, str] | None = None, refused: bool = False
) -> Response:
    """Return what an answered link says.

    With `asked`, the question and the score of the link in the mail that led here, its button to
    change the answer says so; with `refused`, the page says why nothing has been changed.
    """
    return _receipt(
        "answered",
        opened,
        now,
        status=409 if refused else 200,
        refused=refused,
        asked=asked,
        nonce=links.page_nonce(opened.invitation.id, purpose="change", now=now),
    )


def ended_page(opened: Opened) -> Response:
    """Return what a link says that takes no answer any more, by what ended it."""
    return page(ENDED[opened.state], status=410, opened=opened, survey_url=url_for)


def _receipt(
    name: str, opened: Opened, now: datetime, *, status: int = 200, **content: object
) -> Response:
    until = change_until(opened.response, answer_policy())
    return page(
        name,
        status=status,
        opened=opened,
        change_until=until if until and now < until else None,
        survey_url=url_for,
        **content,
    )


def _is_asked_again(opened: Opened) -> bool:
    """Tell whether the same contact is still to be asked about a second time."""
    planned = sa.select(Invitation.id).where(
        Invitation.interaction_id == opened.invitation.interaction_id,
        Invitation.wave == 2,
        Invitation.issued_at.is_(None),
        Invitation.withheld_at.is_(None),
    )
    has_stopped = opened.invitation.stopped_at is not None
    return not has_stopped and db.session().scalar(planned) is not None

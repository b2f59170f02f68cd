"""Puts single answers into what a page shows of them: no customer, and no more than may be seen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session, contains_eager, lazyload

from feedback.brands.models import Notice
from feedback.languages import survey_language
from feedback.reports.figures import metric_words
from feedback.reports.hidden.listable import Listable
from feedback.reports.triage_words import Signs
from feedback.responses.models import Answer, Response
from feedback.surveys.models import Option, Question
from feedback.surveys.wording import option_label

# (survey's id, question's key, option's value) → label
Labels = Mapping[tuple[int, str, str], str]


@dataclass(frozen=True)
class Entry:
    """One response as it is listed."""

    day: date
    answered_on: date
    channel: str
    staff: str
    staff_id: int | None
    wave: int
    reference: str
    scores: tuple[tuple[str, int], ...]
    choices: tuple[str, ...]
    comments: tuple[str, ...]
    # Why it does not count; None where it does.
    struck_because: str | None
    is_amended: bool
    provenance: str
    # Under which version of the privacy notice it was given, for who administers those.
    notice: Notice | None
    may_contact: bool
    # What its words were read for; None where they were not.
    signs: Signs | None = None


def entries(
    session: Session,
    responses: Sequence[Response],
    may: Listable,
    *,
    zone: ZoneInfo,
    locale: str,
    with_reference: bool,
    with_notice: bool = False,
) -> list[Entry]:
    """Return the responses as they are listed, in their order."""
    labels = _labels(session, {r.survey_id for r in responses if r.survey_id}, locale)
    notices = _notices(session, {r.notice_id for r in responses if r.notice_id and with_notice})
    return [
        _entry(one, may, labels, zone, locale, with_reference, notices.get(one.notice_id or 0))
        for one in responses
    ]


def _notices(session: Session, ids: set[int]) -> dict[int, Notice]:
    query = sa.select(Notice).where(Notice.id.in_(ids)).options(lazyload(Notice.texts))
    return {notice.id: notice for notice in session.scalars(query)} if ids else {}


def _entry(
    response: Response,
    may: Listable,
    labels: Labels,
    zone: ZoneInfo,
    locale: str,
    with_reference: bool,
    notice: Notice | None,
) -> Entry:
    interaction = response.interaction
    group = (interaction.staff_id or 0, response.wave)
    scores = tuple(
        (metric_words(metric), answer.score)
        for metric in ("csat", "nps", "ces")
        for answer in response.answers
        if answer.metric == metric and answer.score is not None and may.shows(metric, group)
    )
    return Entry(
        day=interaction.day,
        answered_on=response.answered_at.astimezone(zone).date(),
        channel=interaction.channel.name(locale),
        staff=interaction.staff.name if interaction.staff else "",
        staff_id=interaction.staff_id,
        wave=response.wave,
        reference=interaction.external_id if with_reference else "",
        scores=scores,
        choices=tuple(_choice(response, answer, labels) for answer in _choices(response)),
        comments=tuple(answer.comment for answer in response.answers if answer.comment),
        struck_because=_struck_because(response),
        is_amended=response.amended_at is not None,
        provenance=_provenance_words(response.provenance),
        notice=notice,
        may_contact=with_reference and response.contact_agreed_at is not None,
    )


def _choices(response: Response) -> list[Answer]:
    return sorted(
        (answer for answer in response.answers if answer.choice),
        key=lambda answer: (answer.question_key, answer.choice),
    )


def _choice(response: Response, answer: Answer, labels: Labels) -> str:
    key = (response.survey_id or 0, answer.question_key, answer.choice)
    # What another system's export calls it, where it was no survey of ours.
    return labels.get(key, answer.choice)


def _labels(session: Session, surveys: set[int], locale: str) -> Labels:
    if not surveys:
        return {}
    rows = session.execute(
        sa.select(Question.survey_id, Question.key, Option)
        .join(Option, Option.question_id == Question.id)
        .join(Option.texts)
        .options(contains_eager(Option.texts))
        .where(Question.survey_id.in_(surveys))
    ).unique()
    tag = survey_language(locale) or "en"
    return {(survey, key, option.value): option_label(option, tag) for survey, key, option in rows}


def _struck_because(response: Response) -> str | None:
    if response.suspected_at is not None:
        return str(_("It is held for a machine’s that tried the link; a person can still answer."))
    if response.withdrawn_at is not None:
        return str(_("The customer has taken it back; what it said is gone."))
    return response.excluded_because


def _provenance_words(provenance: str) -> str:
    names = {
        "page": "",
        "confirmed_click": "",
        "kiosk": _("At a kiosk"),
        "phone": _("Asked on the phone"),
        "import": _("From another system"),
    }
    return str(names[provenance])

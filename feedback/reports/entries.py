"""Puts single answers into what a page shows of them: no customer, and no more than may be seen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session, lazyload

from feedback.brands.models import Notice
from feedback.languages import nearest, survey_language
from feedback.reports.answers import Group
from feedback.reports.figures import metric_words
from feedback.reports.hidden.listable import Listable
from feedback.reports.triage_words import Signs
from feedback.responses.models import Answer, Response
from feedback.surveys.content import Content
from feedback.surveys.read import read_contents
from feedback.surveys.said import said_to
from feedback.surveys.scales import SCALES


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
    # The questions as they were put, in the version and the language answered in, each with what
    # was said to it.
    asked: tuple[tuple[str, str], ...]
    asked_in: str
    # Why it does not count; None where it does.
    struck_because: str | None
    is_amended: bool
    provenance: str
    # Under which version of the privacy notice it was given, for who administers those.
    notice: Notice | None
    may_contact: bool
    # The day its words were deleted, where there were any; None where none were.
    words_gone_on: date | None
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
    contents = read_contents(session, {r.survey_id for r in responses if r.survey_id})
    notices = _notices(session, {r.notice_id for r in responses if r.notice_id and with_notice})
    return [
        _entry(one, may, contents, zone, locale, with_reference, notices.get(one.notice_id or 0))
        for one in responses
    ]


def _notices(session: Session, ids: set[int]) -> dict[int, Notice]:
    query = sa.select(Notice).where(Notice.id.in_(ids)).options(lazyload(Notice.texts))
    return {notice.id: notice for notice in session.scalars(query)} if ids else {}


def _entry(
    response: Response,
    may: Listable,
    contents: Mapping[int, Content],
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
    content = contents.get(response.survey_id or 0, Content())
    shown = [one for one in response.answers if _is_shown(one, may, group)]
    # What was said is told in the reader's language, and as it was asked in the customer's own.
    tag = survey_language(locale) or "en"
    asked_in = nearest([response.locale, tag], content.languages) or tag
    return Entry(
        day=interaction.day,
        answered_on=response.answered_at.astimezone(zone).date(),
        channel=interaction.channel.name(locale),
        staff=interaction.staff.name if interaction.staff else "",
        staff_id=interaction.staff_id,
        wave=response.wave,
        reference=interaction.external_id if with_reference else "",
        scores=scores,
        choices=tuple(_said(content, answer, tag) for answer in _choices(response)),
        comments=tuple(answer.comment for answer in response.answers if answer.comment),
        asked=_as_asked(content, shown, asked_in),
        asked_in=asked_in,
        struck_because=_struck_because(response),
        is_amended=response.amended_at is not None,
        provenance=_provenance_words(response.provenance),
        notice=notice,
        may_contact=with_reference and response.contact_agreed_at is not None,
        words_gone_on=_day(response.words_forgotten_at, zone),
    )


def _day(moment: datetime | None, zone: ZoneInfo) -> date | None:
    return moment.astimezone(zone).date() if moment is not None else None


def _said(content: Content, answer: Answer, tag: str) -> str:
    value = answer.choice or str(answer.score)
    # What another system's export calls it, where it was no survey of ours.
    return said_to(content, answer.question_key, value, tag)


def _is_shown(answer: Answer, may: Listable, group: Group) -> bool:
    is_figure = answer.metric in SCALES
    return not is_figure or may.shows(answer.metric or "", group)


def _choices(response: Response) -> list[Answer]:
    """Return what was chosen, and scores that no figure is made of."""
    return sorted(
        (
            answer
            for answer in response.answers
            if answer.choice or (answer.metric is not None and answer.metric not in SCALES)
        ),
        key=lambda answer: (answer.question_key, answer.choice),
    )


def _as_asked(content: Content, answers: Sequence[Answer], tag: str) -> tuple[tuple[str, str], ...]:
    """Return each question of the version with what was said to it; comments stand alone."""
    found = []
    for item in content.items:
        said = [one for one in answers if one.question_key == item.key and one.comment is None]
        words = item.texts.get(tag)
        if said and words is not None:
            told = sorted(_said(content, one, tag) for one in said)
            found.append((words.prompt, str(_(", ")).join(told)))
    return tuple(found)


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

"""What a touchpoint needs before it goes live: somebody answers for it, and knows what for."""

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from feedback.surveys.models import Survey
from feedback.touchpoints.match import kinds_of
from feedback.touchpoints.models import Touchpoint


def live_surveys(session: Session) -> dict[str, Survey]:
    """Return the surveys that are published and not retired, by key."""
    live = sa.and_(Survey.published_at.is_not(None), Survey.retired_at.is_(None))
    return {one.key: one for one in session.scalars(sa.select(Survey).where(live))}


def missing(session: Session, touchpoint: Touchpoint) -> list[tuple[str, str]]:
    """Return what keeps a touchpoint from going live: each field, and the rule it breaks."""
    found: list[tuple[str, str]] = []
    if not touchpoint.goal_en and not touchpoint.goal_zh:
        found.append(("goal_zh", _("A touchpoint goes live only with a goal.")))
    if not _has_owner(touchpoint):
        found.append(("owner", _("A touchpoint goes live only with somebody who answers for it.")))
    surveys = live_surveys(session)
    found += _of_survey(surveys, "survey", touchpoint.survey_key)
    if touchpoint.follow_up != "off":
        found += _of_survey(surveys, "follow_up_survey", touchpoint.follow_up_survey_key)
    if (other := _rival(session, touchpoint)) is not None:
        found.append(("kind", _("“%(name)s” takes the same already.", name=other.key)))
    return found


def _has_owner(touchpoint: Touchpoint) -> bool:
    if touchpoint.owner is not None:
        return touchpoint.owner.left_at is None
    return bool(touchpoint.owner_name and touchpoint.owner_email)


def _of_survey(surveys: dict[str, Survey], field: str, key: str | None) -> list[tuple[str, str]]:
    survey = surveys.get(key or "")
    if survey is None:
        return [(field, _("A touchpoint goes live only with a survey that is published."))]
    if not survey.purpose_en and not survey.purpose_zh:
        return [(field, _("A survey without a purpose does not go live."))]
    if not survey.owner_name:
        return [(field, _("A survey nobody answers for does not go live."))]
    return []


def _rival(session: Session, touchpoint: Touchpoint) -> Touchpoint | None:
    """Return another live touchpoint that names just the same; one of them would never be met."""
    same = sa.select(Touchpoint).where(
        Touchpoint.live_since.is_not(None),
        Touchpoint.retired_at.is_(None),
        Touchpoint.id != touchpoint.id,
        Touchpoint.channel_code.is_not_distinct_from(touchpoint.channel_code),
        Touchpoint.team_id.is_not_distinct_from(touchpoint.team_id),
    )
    mine = set(kinds_of(touchpoint.kind or ""))
    for other in session.scalars(same.order_by(Touchpoint.id)):
        theirs = set(kinds_of(other.kind or ""))
        if mine & theirs or not (mine or theirs):
            return other
    return None

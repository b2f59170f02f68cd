"""Records a response another system collected, for an interaction that is known."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from feedback.interactions.fields import Refused, clean, moment
from feedback.interactions.models import Interaction
from feedback.invitations.models import Invitation
from feedback.responses.models import Answer, Response
from feedback.surveys.scales import SCALES

COLUMNS = (
    "interaction_external_id", "source", "wave", "answered_at", "csat", "nps", "ces", "comment",
    "provenance",
)  # fmt: skip
REQUIRED = ("interaction_external_id", "answered_at")
PROVENANCES = ("page", "confirmed_click", "kiosk", "phone", "import")
LONGEST_COMMENT = 20_000


@dataclass(frozen=True)
class GivenResponse:
    """A response as a file gives it."""

    wave: int
    answered_at: datetime
    scores: Mapping[str, int]
    comment: str
    provenance: str


def read_response(
    raw: Mapping[str, str],
    *,
    zone: ZoneInfo,
    formats: Mapping[str, tuple[str, ...]] | None = None,
    hour_of_days: int = 0,
) -> GivenResponse:
    """Return the response, or raise Refused for the first thing wrong with it."""
    if not raw.get("answered_at", "").strip():
        raise Refused("answered_at", "", _("is required"))
    wave = raw.get("wave", "").strip() or "1"
    if wave not in ("1", "2"):
        raise Refused("wave", wave, _("must be 1 or 2"))
    answered_at = moment(
        "answered_at", raw["answered_at"], zone, (formats or {}).get("answered_at", ())
    )
    local = answered_at.astimezone(zone)
    if hour_of_days and not re.search(r"\d:\d", raw["answered_at"]):
        answered_at = local.replace(hour=hour_of_days)
    provenance = raw.get("provenance", "").strip() or "import"
    if provenance not in PROVENANCES:
        raise Refused(
            "provenance", provenance, _("is not one of %(list)s", list=", ".join(PROVENANCES))
        )
    scores = {}
    for metric, scale in SCALES.items():
        if text := raw.get(metric, "").strip():
            try:
                scores[metric] = scale.read(text)
            except ValueError as error:
                raise Refused(
                    metric,
                    text,
                    _(
                        "must be a whole number from %(low)s to %(high)s",
                        low=scale.lowest,
                        high=scale.highest,
                    ),
                ) from error
    comment = clean(raw.get("comment", ""))
    if len(comment) > LONGEST_COMMENT:
        raise Refused(
            "comment", comment, _("is longer than %(limit)s characters", limit=LONGEST_COMMENT)
        )
    if not scores and not comment:
        raise Refused("csat", "", _("a score or a comment is required"))
    return GivenResponse(int(wave), answered_at, scores, comment, provenance)


def find_interaction(session: Session, raw: Mapping[str, str]) -> Interaction:
    """Return the interaction a row is about, or raise Refused."""
    external_id = raw.get("interaction_external_id", "").strip()
    if not external_id:
        raise Refused("interaction_external_id", "", _("is required"))
    query = sa.select(Interaction).where(Interaction.external_id == external_id).limit(2)
    if source := raw.get("source", "").strip():
        query = query.where(Interaction.source == source)
    found = session.scalars(query).all()
    if len(found) > 1:
        raise Refused("source", "", _("is required: several sources have this interaction"))
    if not found:
        raise Refused("interaction_external_id", external_id, _("is no interaction we know"))
    return found[0]


def record_response(
    session: Session, interaction: Interaction, given: GivenResponse, now: datetime
) -> bool:
    """Record the response; return False where that wave of the interaction has one already."""
    known = session.scalar(
        sa.select(Response.id).where(
            Response.interaction_id == interaction.id, Response.wave == given.wave
        )
    )
    if known is not None:
        return False
    response = Response(
        interaction_id=interaction.id,
        wave=given.wave,
        provenance=given.provenance,
        answered_at=given.answered_at,
        changed_at=now,
    )
    for metric, score in given.scores.items():
        response.answers.append(Answer(question_key=metric, metric=metric, score=score))
    if given.comment:
        response.answers.append(Answer(question_key="comment", comment=given.comment))
    session.add(response)
    # Somebody who has answered elsewhere is neither reminded nor asked the same again.
    session.execute(
        sa.update(Invitation)
        .where(
            Invitation.interaction_id == interaction.id,
            Invitation.wave == given.wave,
            Invitation.issued_at.is_not(None),
            Invitation.answered_at.is_(None),
        )
        .values(answered_at=given.answered_at)
    )
    session.flush()
    return True

"""Reads a response as a file gives it, or says what is wrong with which column."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from feedback.interactions.fields import Refused, clean, past_moment
from feedback.surveys.scales import SCALES

COLUMNS = (
    "interaction_external_id", "source", "wave", "answered_at", "csat", "nps", "ces", "comment",
    "provenance",
)  # fmt: skip
REQUIRED = ("interaction_external_id", "answered_at")
ONE_OF = ("csat", "nps", "ces", "comment")
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
    now: datetime,
    formats: Mapping[str, tuple[str, ...]] | None = None,
    hour_of_days: int = 0,
) -> GivenResponse:
    """Return the response, or raise Refused for the first thing wrong with it."""
    text = raw.get("answered_at", "").strip()
    if not text:
        raise Refused("answered_at", "", _("is required"))
    wave = raw.get("wave", "").strip() or "1"
    if wave not in ("1", "2"):
        raise Refused("wave", wave, _("must be 1 or 2"))
    form = (formats or {}).get("answered_at", ())
    answered_at = past_moment("answered_at", text, zone, now, form, hour_of_days)
    provenance = raw.get("provenance", "").strip().lower() or "import"
    if provenance not in PROVENANCES:
        raise Refused(
            "provenance", provenance, _("is not one of %(list)s", list=", ".join(PROVENANCES))
        )
    scores = {
        metric: _score(metric, raw[metric]) for metric in SCALES if raw.get(metric, "").strip()
    }
    comment = clean(raw.get("comment", ""), trim=False)
    if len(comment) > LONGEST_COMMENT:
        raise Refused(
            "comment", comment, _("is longer than %(limit)s characters", limit=LONGEST_COMMENT)
        )
    if not scores and not comment.strip():
        raise Refused("csat", "", _("a score or a comment is required"))
    return GivenResponse(
        int(wave), answered_at, scores, comment if comment.strip() else "", provenance
    )


def _score(metric: str, text: str) -> int:
    scale = SCALES[metric]
    try:
        # As it stands, blanks and all: what is not written as a score may not be meant as one.
        return scale.read(text)
    except ValueError as error:
        rule = _(
            "must be a whole number from %(low)s to %(high)s", low=scale.lowest, high=scale.highest
        )
        raise Refused(metric, text, rule) from error

"""Reads what somebody wrote for those who have to act on it: tone, urgency, and contradiction."""

from dataclasses import dataclass

from feedback.triage.fold import fold
from feedback.triage.tone import Tone, tone_of_folded
from feedback.triage.urgent import Alarm, alarms_of_folded

LOWEST = 1
# On the scale of satisfaction: what can only be meant as praise, and what only as a complaint.
_BEST, _WORST = (5,), (1, 2)
# How far from nought the words must be to contradict a score: of remarks with a 5, one in eleven
# reads as a complaint at all, and most of those are about something else than the score.
_CLEARLY = 2.0


@dataclass(frozen=True)
class Reading:
    """What a text reads as, why it is urgent, and whether it contradicts the satisfaction given.

    `disagrees` is None where there is no score to compare it with.
    """

    tone: Tone
    urgent: tuple[Alarm, ...]
    disagrees: bool | None


def read_text(text: str, csat: int | None, own: tuple[str, ...] = ()) -> Reading:
    """Return how a text reads beside the satisfaction its writer gave, from 1 to 5, if any.

    Words with the lowest score are urgent whatever they are. `own` are the site's own words.
    """
    folded = fold(text)
    tone = tone_of_folded(folded)
    urgent = alarms_of_folded(folded, own)
    if csat == LOWEST and folded.strip():
        urgent = (*urgent, Alarm("lowest_score", ()))
    return Reading(tone, urgent, None if csat is None else _disagrees(tone, csat))


def _disagrees(tone: Tone, csat: int) -> bool:
    if abs(tone.total) < _CLEARLY:
        return False
    if tone.side == "positive":
        return csat in _WORST
    return tone.side == "negative" and csat in _BEST

"""What a comment was read for, in the reader's words, for those who call customers back."""

from dataclasses import dataclass

from flask_babel import gettext as _

from feedback.triage.read_text import Reading
from feedback.triage.tone import Tone
from feedback.triage.urgent import Alarm

# A sentence that is urgent as a whole would be a chip wider than a telephone.
_LONGEST = 24


@dataclass(frozen=True)
class Signs:
    """What stands beside a comment; an empty text where there is nothing of it to say."""

    urgent: tuple[str, ...]
    disagrees: str
    tone: str


def signs_of(reading: Reading, *, with_tone: bool) -> Signs:
    """Return what stands beside a comment that reads so."""
    disagrees = ""
    if reading.disagrees:
        disagrees = str(_("words and score disagree: %(words)s", words=_listed(reading.tone.words)))
    return Signs(
        # Beside another reason the score, which stands there anyway, says nothing more.
        urgent=tuple(
            alarm_words(alarm)
            for alarm in reading.urgent
            if alarm.words or len(reading.urgent) == 1
        ),
        disagrees=disagrees,
        # What disagrees has said already how it reads.
        tone=tone_words(reading.tone) if with_tone and not disagrees else "",
    )


def alarm_words(alarm: Alarm) -> str:
    """Return why a comment is urgent, with the words that say so."""
    names = {
        "self_harm": _("danger to self"),
        "safety": _("safety"),
        "threat": _("threat"),
        "discrimination": _("discrimination or harassment"),
        "data": _("personal data"),
        "law": _("complaint, law or press"),
        "unanswered": _("nobody answers"),
        "own": _("words of this site"),
        "lowest_score": _("lowest score, with words"),
    }
    if not alarm.words:
        return str(_("urgent, %(kind)s", kind=names[alarm.kind]))
    return str(_("urgent, %(kind)s: %(words)s", kind=names[alarm.kind], words=_listed(alarm.words)))


def tone_words(tone: Tone) -> str:
    """Return how a comment reads, with the words that decided."""
    if tone.side == "undecided":
        return str(_("reads as: undecided"))
    sides = {"positive": _("praise"), "negative": _("complaint")}
    return str(
        _("reads as: %(tone)s (%(words)s)", tone=sides[tone.side], words=_listed(tone.words))
    )


def _listed(words: tuple[str, ...]) -> str:
    return str(_(", ")).join(
        word if len(word) <= _LONGEST else f"{word[: _LONGEST - 1]}…" for word in words
    )

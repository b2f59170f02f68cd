"""Makes what others wrote fit to stand in our mail: one line, no addresses, not endless."""

import re
import unicodedata

# A customer's or an integrator's words must not send anybody to an address of theirs. Mail programs
# make links of bare names, too, so the commonest kinds of those go as well.
_ADDRESSES = re.compile(
    r"\w+://\S+|www\.\S+|[\w.+-]+@[\w-]+\.\S+"
    r"|(?:[a-z0-9-]+\.)+(?:com|net|org|cn|cc|co|io|me|info|biz|top|xyz|vip|club|shop|site|online"
    r"|link|live|ru|app|dev|hk|tw|eu|uk|de)(?![\w.-])(?::\d+)?(?:/\S*)?",
    re.IGNORECASE | re.ASCII,
)
_SPACES = re.compile(r"\s+")
# These join what belongs together, in emoji and in Persian; everything else of their kind is bidi
# controls and such, which can turn a line round.
_JOINERS = "\u200c\u200d"
GAP = "…"


def tidy(text: str, longest: int = 120) -> str:
    """Return the text on one line, without addresses and control characters, cut where too long."""
    seen = "".join(_seen(character) for character in text)
    line = _SPACES.sub(" ", _ADDRESSES.sub(GAP, seen)).strip()
    if len(line) <= longest:
        return line
    cut = line[: longest - 1]
    # What combines with a character that is gone would combine with the dots.
    while cut and (cut[-1] in _JOINERS or unicodedata.combining(line[len(cut)])):
        cut = cut[:-1]
    return cut.rstrip() + GAP


def _seen(character: str) -> str:
    kind = unicodedata.category(character)
    if kind in ("Cf", "Cs") and character not in _JOINERS:
        return ""
    return " " if kind == "Cc" else character

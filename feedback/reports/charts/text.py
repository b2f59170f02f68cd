"""The charts' fonts: which characters they have, how wide a text is, and how one is cut to fit."""

import re
import unicodedata
from functools import lru_cache
from pathlib import Path

import matplotlib
from matplotlib.font_manager import FontProperties, fontManager, get_font
from matplotlib.textpath import text_to_path

_FONT = Path(__file__).parents[2] / "fonts" / "AfterwordCharts-Regular.otf"
fontManager.addfont(_FONT)

# Only what we bring and what matplotlib brings, so that every server draws the same.
_FAMILIES = ["Afterword Charts", "DejaVu Sans"]
_FILES = [fontManager.findfont(family, fallback_to_default=False) for family in _FAMILIES]
_DRAWN = [frozenset(map(chr, get_font([file]).get_charmap())) for file in _FILES]
_MISSING = "□"
_MEASURED_AT = 100.0
# They choose among forms of the character before; the fonts have one form.
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
# Skin tones belong to the sign before them, as accents do.
_TONES = re.compile("[\U0001f3fb-\U0001f3ff]")
# A word with the space behind it, or one Chinese character with the punctuation that clings to it.
# "80 %" is one word.
_PIECES = re.compile(
    r"[\u2e80-\uffef][，。：；、）」』]*|[^\s\u2e80-\uffef]+(?: %[^\s\u2e80-\uffef]*)?\s*|\s+"
)

# Settings are global and read while drawing: set here once, never for one request, which is not
# safe among threads.
matplotlib.rcParams.update(
    {
        "font.family": _FAMILIES,
        # A name may hold two dollars; it is not a formula.
        "text.parse_math": False,
        "axes.unicode_minus": False,
        "path.simplify": False,
        # Words as outlines: a browser need not have the font, and cannot be told to run anything.
        "svg.fonttype": "path",
        "svg.hashsalt": "afterword",
    }
)
_PROPERTIES = FontProperties(family=_FAMILIES, size=_MEASURED_AT)


def legible(text: str) -> str:
    """Return the text in one line of characters the fonts have; □ stands for any other.

    Chinese typesetting uses that sign for a character it lacks. Marks that draw nothing but could
    turn the line around or join it to the next are dropped.
    """
    letters: list[str] = []
    for character in unicodedata.normalize("NFC", " ".join(text.split())):
        kind = unicodedata.category(character)
        if kind == "Cf" or _SELECTORS.match(character):
            continue
        if letters and (kind[0] == "M" or _TONES.match(character)):
            letters[-1] += character
        else:
            letters.append(character)
    return " ".join("".join(map(_drawn, letters)).split())


def width_of(text: str, size: float) -> float:
    """Return how wide the text is at this size, in the unit of the size."""
    return _width(text) * size / _MEASURED_AT


def fitted(text: str, size: float, width: float) -> str:
    """Return the text, cut short where it is wider than `width`."""
    text = legible(text)
    if width_of(text, size) <= width:
        return text
    shortest, longest = 0, len(text)
    while shortest < longest:
        middle = (shortest + longest + 1) // 2
        if width_of(_cut(text, middle), size) <= width:
            shortest = middle
        else:
            longest = middle - 1
    return _cut(text, shortest)


def split(text: str, size: float, width: float) -> list[str]:
    """Return the text in lines no wider than `width`, broken between words or Chinese signs."""
    lines = [""]
    for piece in _PIECES.findall(legible(text)):
        if lines[-1] and width_of((lines[-1] + piece).rstrip(), size) > width:
            lines.append("")
        lines[-1] += piece
    return [fitted(line, size, width) for line in lines]


def _cut(text: str, length: int) -> str:
    # An accent written as a sign of its own goes with its letter.
    while length and length < len(text) and unicodedata.combining(text[length]):
        length -= 1
    kept = text[:length].rstrip()
    # A Chinese … hangs in the middle of the line, which after Latin letters looks like a slip.
    return kept + ("…" if kept[-1:] >= "\u2e80" else "...")


def _drawn(letter: str) -> str:
    """Return the letter with its accents where one font has all of it, or as much as there is."""
    if letter.isprintable() and any(font.issuperset(letter) for font in _DRAWN):
        return letter
    return _drawn(letter[0]) if len(letter) > 1 else _MISSING


@lru_cache(maxsize=4096)
def _width(text: str) -> float:
    width, _height, _descent = text_to_path.get_text_width_height_descent(
        legible(text), _PROPERTIES, False
    )
    return float(width)

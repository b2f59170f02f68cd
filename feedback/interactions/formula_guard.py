"""Keeps a spreadsheet from taking somebody's words for a formula, and takes the guard off again."""

import re

# What makes a spreadsheet calculate; a Chinese keyboard's full-width signs do so as well. Some look
# past what nobody sees: marks of direction, joiners, and the mark that begins a file.
_UNSEEN = r"\s\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
_FORMULA = re.compile(rf"'*(?:[{_UNSEEN}]*[=+\-@＝＋－＠]|[\t\r\n])")


def guarded(text: str) -> str:
    """Return the text with an apostrophe before it if a spreadsheet might calculate it.

    A text that has one there already gets another, so that `unguarded` gives each back as it was.
    """
    return f"'{text}" if _FORMULA.match(text) else text


def unguarded(text: str) -> str:
    """Return the text without the apostrophe that guards it."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text

"""Cells that a spreadsheet shows instead of carrying out."""

import re

# What spreadsheets take for the beginning of a formula, in either width.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\x00", "＝", "＋", "－", "＠")
# A number, or a telephone number as we keep it, is carried out to itself.
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


def safe_cell(text: str) -> str:
    """Return the text with an apostrophe before it where a spreadsheet would carry it out."""
    if text.startswith(_FORMULA) and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text

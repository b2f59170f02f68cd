"""Words in the language asked for, or in the nearest one there is."""

from collections.abc import Mapping
from typing import TypeVar

from feedback.languages import nearest

Text = TypeVar("Text")


def in_language(texts: Mapping[str, Text], tag: str) -> Text | None:
    """Return the text in the language, else in one of the same family, else English, else any."""
    tags = tuple(texts)
    near = nearest([tag, "en"], tags) or next(iter(tags), None)
    return texts[near] if near is not None else None

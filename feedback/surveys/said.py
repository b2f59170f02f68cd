"""Says an answer in the words it was chosen by."""

from feedback.surveys.content import Content
from feedback.surveys.wording import in_language


def said_to(content: Content, key: str, value: str, tag: str) -> str:
    """Return the label of the option of this value, in the language or the nearest; else the value.

    A row of numbers has no labels; there the number itself was pressed, and of one that no figure
    is made of the key says which it was.
    """
    item = content.item(key)
    option = next((one for one in item.options if one.value == value), None) if item else None
    if option is not None:
        return in_language(option.labels, tag) or value
    is_bare = item is not None and item.kind in ("rating", "expect")
    return f"{key} {value}" if is_bare else value

"""What two versions of a survey ask alike, and what was put in other words under the same key."""

from collections.abc import Mapping
from dataclasses import asdict

from feedback.surveys.content import Content, ItemContent


def reworded_keys(before: Content, after: Content) -> set[str]:
    """Return the keys of questions whose words or scale are no longer those of the version before.

    Languages only one of the two has say nothing: a question in one language more is the same.
    """
    found = set()
    for item in after.items:
        was = before.item(item.key)
        if was is not None and _differ(was, item):
            found.add(item.key)
    return found


def _differ(before: ItemContent, after: ItemContent) -> bool:
    if before.kind != after.kind or _values(before) != _values(after):
        return True
    shared = set(before.texts) & set(after.texts)
    return not shared or any(_said(before, tag) != _said(after, tag) for tag in shared)


def _values(item: ItemContent) -> list[tuple[str, str | None]]:
    return [(option.value, option.side) for option in item.options]


def _said(item: ItemContent, tag: str) -> Mapping[str, str]:
    words = {name: " ".join(text.split()) for name, text in asdict(item.texts[tag]).items()}
    labels = {f"option {o.value}": " ".join(o.labels.get(tag, "").split()) for o in item.options}
    return words | labels

"""Profiles: how another system's columns and values become ours. Data, not code."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent.parent / "profiles"


class UnknownProfile(Exception):
    """There is no profile of that name."""


@dataclass(frozen=True)
class Profile:
    """One system's export, mapped.

    `columns` gives for each of our columns where its value comes from: the name of a column, a list
    of names of which the first filled one counts, or `=text` for a constant. `values` translates
    what is found there, `formats` lists how moments are written, `channels` names channels.
    """

    name: str
    columns: Mapping[str, str | list[str]]
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    formats: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    channels: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    carries_interactions: bool = False
    # A date without a time is put at this hour of the organisation's day.
    hour_of_days: int = 0

    def missing(self, present: list[str]) -> list[str]:
        """Return the columns the profile reads that the file does not have."""
        named = [
            name
            for source in self.columns.values()
            for name in ([source] if isinstance(source, str) else source)
            if not name.startswith("=")
        ]
        return [name for name in dict.fromkeys(named) if name not in present]

    def map(self, cells: Mapping[str, str]) -> dict[str, str]:
        """Return the row with our columns."""
        row = {}
        for ours, source in self.columns.items():
            names = [source] if isinstance(source, str) else source
            found = (
                name[1:] if name.startswith("=") else cells.get(name, "").strip() for name in names
            )
            value = next(filter(None, found), "")
            row[ours] = self.values.get(ours, {}).get(value, value)
        return row


def read_profile(name: str) -> Profile:
    """Return a profile that ships with the product, or raise UnknownProfile."""
    path = FOLDER / f"{name}.json"
    if name not in profile_names():
        raise UnknownProfile(name)
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return Profile(
        name=name,
        columns=content["columns"],
        values=content.get("values", {}),
        formats={column: tuple(forms) for column, forms in content.get("formats", {}).items()},
        channels={code: tuple(names) for code, names in content.get("channels", {}).items()},
        carries_interactions=content.get("carries_interactions", False),
        hour_of_days=content.get("hour_of_days", 0),
    )


def profile_names() -> list[str]:
    """Return the names of the profiles there are."""
    return sorted(path.stem for path in FOLDER.glob("*.json"))

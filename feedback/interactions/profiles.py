"""Profiles: how another system's columns and values become ours. Data, not code."""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from flask_babel import gettext as _

from feedback.interactions.fields import channel_code
from feedback.interactions.read_file import column_name

SHIPPED = Path(__file__).parent.parent / "profiles"
_KEYS = (
    "about", "columns", "values", "formats", "channels", "carries_interactions", "hour_of_days",
    "optional",
)  # fmt: skip
# The codes that mean the same whatever language the server speaks; `%b` is English here.
_CODES = set("YymdbHMSfz%")


class UnknownProfile(Exception):
    """There is no profile of that name."""


class BadProfile(Exception):
    """A profile that cannot be used; the text says what is wrong with which part of it."""


@dataclass(frozen=True)
class Profile:
    """One system's export, mapped.

    `columns` gives for each of our columns where its value comes from: the name of a column, a list
    of names of which the first filled one counts, or `=text` for a constant. `values` translates
    what is found there, `formats` lists how moments are written, `channels` names channels.
    """

    name: str
    columns: Mapping[str, Sequence[str]]
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    formats: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    channels: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    carries_interactions: bool = False
    # A date without a time is put at this hour of the organisation's day.
    hour_of_days: int = 0
    # Those of our columns for which a file need not have any of the columns named.
    optional: Collection[str] = ()

    def lacking(self, present: Collection[str]) -> list[str]:
        """Return what the profile reads and the file does not have; of a list, one is enough."""
        return [
            " / ".join(names)
            for ours, names in self.columns.items()
            if ours not in self.optional
            and not any(name.startswith("=") or column_name(name) in present for name in names)
        ]

    def reads(self) -> set[str]:
        """Return the names of the columns the profile reads."""
        named = (name for names in self.columns.values() for name in names)
        return {column_name(name) for name in named if not name.startswith("=")}

    def map(self, cells: Mapping[str, str]) -> dict[str, str]:
        """Return the row with our columns; what is not translated stays as it is written."""
        row = {}
        for ours, sources in self._sources:
            found = (constant or cells.get(name, "") for name, constant in sources)
            value = next((text for text in found if text.strip()), "")
            row[ours] = self.values.get(ours, {}).get(value.strip(), value)
        return row

    @cached_property
    def _sources(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """Return for each of our columns where it comes from, as name and constant."""
        return [
            (ours, [("", n[1:]) if n.startswith("=") else (column_name(n), "") for n in names])
            for ours, names in self.columns.items()
        ]


def profile_folders(instance_path: str) -> tuple[Path, ...]:
    """Return where profiles are looked for: this installation's own come first."""
    return Path(instance_path) / "profiles", SHIPPED


def profile_names(folders: Sequence[Path]) -> list[str]:
    """Return the names of the profiles there are."""
    return sorted({path.stem for folder in folders for path in folder.glob("*.json")})


def read_profile(name: str, folders: Sequence[Path], ours: Collection[str]) -> Profile:
    """Return the profile, or raise UnknownProfile or BadProfile.

    `ours` are the columns it may speak of: those of the kind of file it is used for.
    """
    if name not in profile_names(folders):
        raise UnknownProfile(name)
    path = next(path for folder in folders if (path := folder / f"{name}.json").is_file())
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise BadProfile(_("it is no JSON file: %(why)s", why=error)) from error
    if not isinstance(content, dict):
        raise BadProfile(_("it is no JSON object"))
    return _make(name, content, ours)


def _make(name: str, content: dict[str, Any], ours: Collection[str]) -> Profile:
    _only_known("", content, _KEYS)
    columns = {
        column: [source] if isinstance(source, str) else source
        for column, source in _mapping(content, "columns").items()
    }
    _only_known("columns", columns, ours)
    for column, names in columns.items():
        _need(_is_texts(names) and all(names), f"columns.{column}", _("a column's name or a list"))
    if "closed_at" in columns:
        # Without it, two systems' numbers would be taken for each other.
        _need("source" in columns, "columns.source", _("the system the contacts come from"))
    values = _mapping(content, "values")
    for column, table in values.items():
        fine = isinstance(table, dict) and _is_texts(list(table.values()))
        _need(fine, f"values.{column}", _("an object of texts"))
    formats = _mapping(content, "formats")
    for column, forms in formats.items():
        fine = _is_texts(forms) and all(map(_is_format, forms))
        _need(
            fine, f"formats.{column}", _("a list of forms such as %(form)s", form="%d/%m/%Y %H:%M")
        )
    channels = _mapping(content, "channels")
    for code, pair in channels.items():
        fine = _is_texts(pair) and len(pair) == 2 and all(pair)
        _need(fine, f"channels.{code}", _("its name in English and in Chinese"))
    optional = content.get("optional", [])
    _need(_is_texts(optional) or optional == [], "optional", _("a list of columns"))
    for key, known in (("values", values), ("formats", formats), ("optional", optional)):
        _only_known(key, known, columns)
    carries, hour = content.get("carries_interactions", False), content.get("hour_of_days", 0)
    _need(isinstance(carries, bool), "carries_interactions", _("true or false"))
    _need(type(hour) is int and 0 <= hour <= 23, "hour_of_days", _("a whole number from 0 to 23"))
    return Profile(
        name=name,
        columns=columns,
        values=values,
        formats={column: tuple(forms) for column, forms in formats.items()},
        channels={channel_code(code): (en, zh) for code, (en, zh) in channels.items()},
        carries_interactions=carries,
        hour_of_days=hour,
        optional=optional,
    )


def _need(fine: bool, where: str, expected: str) -> None:
    if not fine:
        raise BadProfile(_("%(where)s: expected %(what)s", where=where, what=expected))


def _mapping(content: dict[str, Any], key: str) -> dict[str, Any]:
    found = content.get(key, {})
    _need(isinstance(found, dict), key, _("an object"))
    _need(bool(found) or key != "columns", key, _("our columns and where they come from"))
    return dict(found)


def _only_known(where: str, given: Collection[str], known: Collection[str]) -> None:
    unknown = [key for key in given if key not in known]
    if unknown:
        place = f"{where}.{unknown[0]}" if where else unknown[0]
        raise BadProfile(
            _("%(where)s is not one of %(list)s", where=place, list=", ".join(sorted(known)))
        )


def _is_texts(found: object) -> bool:
    return isinstance(found, list) and bool(found) and all(isinstance(t, str) for t in found)


def _is_format(form: str) -> bool:
    codes = set(re.findall(r"%(.)", form))
    names_a_day = "d" in codes and codes & {"m", "b"} and codes & {"Y", "y"}
    return bool(names_a_day) and codes <= _CODES

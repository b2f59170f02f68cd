"""Turns the body of a report, nested or flat, into the columns of the file format."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from feedback.integrations.answers import cannot_be_taken, field_error
from feedback.interactions.fields import COLUMNS, SHARED, Refused, Report, read_report

# What stands inside these objects, and the column it is.
NESTED: Mapping[str, Mapping[str, str]] = {
    "customer": {
        "external_id": "customer_external_id",
        "name": "customer_name",
        "gender": "customer_gender",
        "email": "customer_email",
        "phone": "customer_phone",
        "locale": "customer_locale",
        "segment": "segment",
    },
    "staff": {"external_id": "staff_external_id", "name": "staff_name", "email": "staff_email"},
    "custom": {"product": "product"},
}
# What other systems send along and nothing here needs: accepted, and dropped unread.
IGNORED: Mapping[str, frozenset[str]] = {
    "": frozenset({"direction", "first_response_at", "order_no", "recording_url", "company"}),
    "customer": frozenset({"contact_external_id", "company"}),
    "staff": frozenset(),
}
# Systems number their records; a number is then as good a name as its digits.
NUMBERED = frozenset({"external_id", "customer_external_id", "staff_external_id"})
_MOST_NAMED = 20


@dataclass(frozen=True)
class _Field:
    """One field of a body: its name as it was sent, what it says, and its column, if any."""

    name: str
    value: Any
    column: str | None


def read_reported(body: Any, *, zone: ZoneInfo, now: datetime, default_source: str) -> Report:
    """Return the report a body makes, or raise Refusal (422) for the first thing wrong with it."""
    fields = list(_fields(body))
    unknown = [field for field in fields if field.column is None][:_MOST_NAMED]
    if unknown:
        # Nothing is set by guessing its name, and a misspelt name is not lost in silence.
        rule = _("is no field")
        raise cannot_be_taken(*(field_error(field.name, field.value, rule) for field in unknown))
    by_column: dict[str, _Field] = {}
    for field in fields:
        if field.column is None or field.value is None:
            continue
        if field.column in by_column:
            rule = _("is given twice, as %(other)s too", other=by_column[field.column].name)
            raise cannot_be_taken(field_error(field.name, field.value, rule))
        if not _is_text(field) and not _is_list_of_staff(field):
            raise cannot_be_taken(field_error(field.name, field.value, _("must be text")))
        by_column[field.column] = field
    try:
        return read_report(
            {column: field.value for column, field in by_column.items()},
            zone=zone,
            now=now,
            default_source=default_source,
        )
    except Refused as refused:
        column, dot, inside = refused.column.partition(".")
        given = by_column.get(column)
        name = (given.name if given else _name_in(body, column)) + dot + inside
        raise cannot_be_taken(field_error(name, refused.value, refused.reason)) from refused


def _fields(body: Any) -> Iterator[_Field]:
    """Yield every field but those that are dropped, under the name it was sent by."""
    if not isinstance(body, dict):
        raise cannot_be_taken(field_error("body", body, _("must be an object")))
    for name, value in body.items():
        if name == "staff" and isinstance(value, list):
            yield _Field(name, value, SHARED)
        elif name in NESTED:
            yield from _nested(name, value)
        elif name == "tags" and isinstance(value, list):
            yield _Field(name, _joined(name, value), name)
        elif name not in IGNORED[""]:
            yield _Field(name, value, name if name in COLUMNS else None)


def _joined(name: str, values: list[Any]) -> str:
    """Return a list of labels as the file format has them."""
    for value in values:
        if not isinstance(value, str) or ";" in value:
            raise cannot_be_taken(field_error(name, value, _("must be text without semicolons")))
    return ";".join(values)


def _nested(parent: str, inside: Any) -> Iterator[_Field]:
    if inside is None:
        return
    if not isinstance(inside, dict):
        raise cannot_be_taken(field_error(parent, inside, _("must be an object")))
    for name, value in inside.items():
        column = NESTED[parent].get(name)
        # What is custom is the other system's own affair, whatever its name.
        if column is not None or (parent != "custom" and name not in IGNORED[parent]):
            yield _Field(f"{parent}.{name}", value, column)


def _is_text(field: _Field) -> bool:
    """Tell whether the value is text: a number is not read as a name, nor `true` as a word."""
    is_number = isinstance(field.value, int) and not isinstance(field.value, bool)
    return isinstance(field.value, str) or (is_number and field.column in NUMBERED)


def _is_list_of_staff(field: _Field) -> bool:
    """Tell whether the field names several people, whom `read_report` looks at one by one."""
    return field.name == "staff" and isinstance(field.value, list)


def _name_in(body: Mapping[str, Any], column: str) -> str:
    """Return the name a column that is missing would have had in this body."""
    for parent, names in NESTED.items():
        for name, of_column in names.items():
            if of_column == column and isinstance(body.get(parent), dict):
                return f"{parent}.{name}"
    return column

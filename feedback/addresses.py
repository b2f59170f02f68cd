"""What may stand in our addresses where a number is asked for."""

from flask import Flask
from werkzeug.routing import IntegerConverter, ValidationError

# What a number of a row can be; SQLite fails at larger ones, and PostgreSQL finds nothing.
LARGEST = 2**31 - 1


def row_number(text: str) -> int:
    """Return the number a query asks for; raise ValueError where it cannot be a row's."""
    if not (text.isascii() and text.isdigit()) or len(text) > 10 or int(text) > LARGEST:
        raise ValueError(text)
    return int(text)


class RowNumber(IntegerConverter):
    """A number as our links write it: ASCII digits, and no more of them than a row's number has."""

    regex = r"[0-9]+"

    def to_python(self, value: str) -> int:
        """Return the number; there is no page where it cannot be a row's."""
        try:
            return row_number(value)
        except ValueError as error:
            raise ValidationError from error


def install_addresses(app: Flask) -> None:
    """Read every number in an address by this; before any route is added."""
    app.url_map.converters["int"] = RowNumber

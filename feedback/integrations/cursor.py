"""Where a page of responses ended, as a short text that only we can write."""

import hmac
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from datetime import UTC, datetime, timedelta
from hashlib import sha256

_PLACE = struct.Struct(">qi")
# Three bytes tell a slip from a cursor. There is nothing to win by guessing: a place is no secret.
_MARK = 3
_BEGIN = datetime(1970, 1, 1, tzinfo=UTC)


class BadCursor(Exception):
    """A text that is no cursor of ours."""


def write_cursor(moment: datetime, id_: int, key: str) -> str:
    """Return the place after the response of this moment (to the microsecond) and number."""
    place = _PLACE.pack((moment - _BEGIN) // timedelta(microseconds=1), id_)
    return urlsafe_b64encode(place + _mark(place, key)).decode()


def read_cursor(text: str, key: str) -> tuple[datetime, int]:
    """Return the moment and the number, or raise BadCursor."""
    try:
        packed = urlsafe_b64decode(text.encode("ascii"))
        place, mark = packed[: _PLACE.size], packed[_PLACE.size :]
        micros, id_ = _PLACE.unpack(place)
    except (Error, UnicodeError, ValueError, struct.error) as error:
        raise BadCursor from error
    # Decoding overlooks letters that are not in the alphabet; writing it again does not.
    ours = hmac.compare_digest(mark, _mark(place, key))
    if not ours or urlsafe_b64encode(packed).decode() != text:
        raise BadCursor
    return _BEGIN + timedelta(microseconds=micros), id_


def _mark(place: bytes, key: str) -> bytes:
    return hmac.new(key.encode(), b"cursor:" + place, sha256).digest()[:_MARK]

"""The address to which the mail system returns a mail: one for each message, and ours to check.

Variable envelope return path (VERP): the message's number and a code made with our key stand
behind a plus sign in the sender's place on the envelope. Whoever returns the mail names it thereby,
however they write their reports; and whoever did not get the mail cannot forge its return.
"""

import base64
import hmac
import re
from collections.abc import Iterable
from hashlib import sha256

from feedback.links import keys_for

_PURPOSE = "bounce"
# 80 bits: nobody tries so many return addresses, and a local part may have 64 characters.
_CODE_BYTES = 10
_OURS = re.compile(r"\+(\d{1,10})-([a-z2-7]{16})@", re.IGNORECASE | re.ASCII)


def return_path(bounce_address: str, message_id: int) -> str:
    """Return the envelope's sender for a message: `bounces+417-<16 characters>@example.cn`."""
    local, _at, domain = bounce_address.rpartition("@")
    return f"{local}+{message_id}-{_code(keys_for(_PURPOSE)[0], message_id)}@{domain}"


def read_return_path(addresses: Iterable[str]) -> int | None:
    """Return the number of the message whose return path is among the addresses, or None."""
    for address in addresses:
        for number, code in _OURS.findall(address):
            message_id = int(number)
            fits = (_code(key, message_id) for key in keys_for(_PURPOSE))
            # Mail systems may change the case of an address.
            if any(hmac.compare_digest(one, code.lower()) for one in fits):
                return message_id
    return None


def _code(key: bytes, message_id: int) -> str:
    mac = hmac.new(key, str(message_id).encode(), sha256).digest()[:_CODE_BYTES]
    return base64.b32encode(mac).decode().lower()

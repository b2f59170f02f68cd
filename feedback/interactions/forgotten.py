"""The reference that stays of a contact whose customer was erased: known again, leading nowhere."""

import hmac
from hashlib import sha256

PREFIX = "erased:"


def forgotten_reference(source: str, external_id: str, key: str) -> str:
    """Return what stands in the place of a contact's number, by which its report is known again.

    Who does not have the key cannot tell from it which contact of the other system it was.
    """
    purpose = f"contact:{source}\x00{external_id}".encode()
    return PREFIX + hmac.new(key.encode(), purpose, sha256).hexdigest()[:32]

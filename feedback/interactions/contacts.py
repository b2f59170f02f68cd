"""Addresses: which are valid, how they are written, and the digest that stands for one."""

import hmac
import re
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from typing import Any
from unicodedata import normalize

from email_validator import EmailNotValidError, validate_email

_PLAIN = re.compile(r"(?=.{1,64}\Z)[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*", re.ASCII | re.IGNORECASE)
_LONGEST = 254
_DOTLESS = ("gmail.com", "googlemail.com")


def is_valid_address(text: str) -> bool:
    """Tell whether mail could go to this address; nothing is looked up."""
    local, _, domain = text.rpartition("@")
    # Most addresses are plain, and then only the domain decides: a month's share a few of them.
    if _PLAIN.fullmatch(local) and len(text) <= _LONGEST:
        return _is_valid_domain(domain)
    return _is_valid(text)


@lru_cache(maxsize=4096)
def _is_valid_domain(domain: str) -> bool:
    return _is_valid(f"a@{domain}")


def _is_valid(text: str) -> bool:
    try:
        validate_email(text, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        return False
    return True


def ascii_address(text: str) -> str:
    """Return a valid address as a mail server takes it; a domain such as 例子.中国 has one form."""
    return str(validate_email(text, check_deliverability=False, allow_smtputf8=False).ascii_email)


def normalise_address(text: str) -> str:
    """Return the address as mail systems compare it: trimmed and in lower case."""
    return text.strip().lower()


def mailbox(text: str) -> str:
    """Return the mailbox behind an address: without +tag, and without Gmail's idle dots."""
    local, _, domain = normalise_address(text).rpartition("@")
    local = local.split("+")[0]
    if domain in _DOTLESS:
        local, domain = local.replace(".", ""), "gmail.com"
    return f"{local}@{domain}"


def address_digest(address: str, key: str) -> str:
    """Return the keyed digest that stands for an address where the address itself must not stay."""
    purpose = b"address:" + normalise_address(address).encode()
    return hmac.new(key.encode(), purpose, sha256).hexdigest()


def address_key(config: Mapping[str, Any]) -> str:
    """Return the key by which addresses are known again: the oldest that is still accepted.

    So whoever asked us to stop stays known when there is a new key (docs/security.md).
    """
    return str((*config["SECRET_KEY_FALLBACKS"][-1:], config["SECRET_KEY"])[0])


def mask_address(address: str) -> str:
    """Return the address with its middle hidden: wang***@example.cn."""
    local, at, domain = address.rpartition("@")
    return f"{local[: min(4, max(1, len(local) - 1))]}***{at}{domain}" if at else "***"


def normalise_phone(text: str) -> str:
    """Return the number in E.164 where it is plainly Chinese or international, else its digits."""
    text = normalize("NFKC", text).strip()
    digits = re.sub(r"\D", "", _EXTENSION.split(text, maxsplit=1)[0], flags=re.ASCII)
    if text.startswith("+"):
        return f"+{digits}"
    if digits.startswith("00"):
        return f"+{digits[2:]}"
    if re.fullmatch(r"1[3-9]\d{9}", digits):
        return f"+86{digits}"
    if re.fullmatch(r"861[3-9]\d{9}", digits):
        return f"+{digits}"
    return digits


def is_spoilt_phone(text: str) -> bool:
    """Tell whether a spreadsheet has made the number a rounded one: 1.3912E+10."""
    return _SCIENTIFIC.fullmatch(normalize("NFKC", text).strip()) is not None


def is_personal_phone(text: str) -> bool:
    """Tell whether one person could be found by this number: whole, unmasked, no company's."""
    if _MASKED.search(normalize("NFKC", text)):
        return False
    digits = normalise_phone(text).removeprefix("+")
    return 7 <= len(digits) <= 15 and not _NOBODY.fullmatch(digits)


_EXTENSION = re.compile(r"转|分机|ext|x|#|;|,|/", re.IGNORECASE)
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?E\+?\d+", re.ASCII | re.IGNORECASE)
_MASKED = re.compile(r"[*•]|x{2,}", re.IGNORECASE)
# 400 and 800 numbers are companies'; ten digits that begin like a mobile number lack one.
_NOBODY = re.compile(r"(?:86)?[48]00\d{7}|1[3-9]\d{8}|(\d)\1*", re.ASCII)

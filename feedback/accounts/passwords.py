"""Passwords: how they are kept, compared, and refused when they are weak."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask_babel import gettext as _

LEAST = 10
MOST = 200

# OWASP's figures: enough work for a thief, and little enough that a burst of sign-ins does not
# eat the machine.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

# Only those of ten characters or more; the length refuses the others.
_COMMONEST = """
    1234567890 12345678910 0123456789 123123123123 1111111111 0000000000 9876543210 0987654321
    1q2w3e4r5t 1q2w3e4r5t6y qwertyuiop qwerty12345 qwerty123456 q1w2e3r4t5 asdfghjkl; asdfghjkl1
    password12 password123 password1234 password12345 password123456 p@ssw0rd123 passw0rd123
    iloveyou123 welcome123 welcome1234 admin12345 admin123456 administrator changeme123
    letmein123 abc1234567 abcd123456 a123456789 aa12345678 qq123456789 woaini1314 woaini520
    woaini1314520 5201314520 1314520520 147258369 1472583690 789456123 superman123 football123
    """.split()  # noqa: SIM905


def hash_password(password: str) -> str:
    """Return the password's argon2id digest, with its salt and its cost."""
    return _hasher.hash(password)


def is_right(password_hash: str | None, password: str) -> bool:
    """Tell whether the password fits; where nobody is known, the same work is done in vain."""
    try:
        _hasher.verify(password_hash or _nobodys(), password)
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def is_outdated(password_hash: str) -> bool:
    """Tell whether the digest was made at another cost than today's."""
    return _hasher.check_needs_rehash(password_hash)


def why_weak(password: str, email: str = "") -> str | None:
    """Return what is wrong with a new password, in the reader's language, or None."""
    if len(password) < LEAST:
        return str(_("The password needs at least %(least)s characters.", least=LEAST))
    if len(password) > MOST:
        return str(_("The password is longer than %(most)s characters.", most=MOST))
    plain = password.casefold().strip()
    if plain in _COMMONEST or len(set(plain)) < 4:
        return str(_("This is one of the first passwords anybody would try."))
    own = email.split("@")[0]
    if len(own) > 3 and len(plain.replace(own, "")) < 6:
        return str(_("The password must not be made of the address."))
    return None


@cache
def _nobodys() -> str:
    return _hasher.hash("the password of nobody")

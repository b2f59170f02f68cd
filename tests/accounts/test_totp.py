"""One-time codes are those of RFC 6238, good about now and once."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from feedback.accounts.two_step import totp

# RFC 6238, appendix B, for SHA-1: the last six of its eight digits.
SECRET = b"12345678901234567890"
VECTORS = (
    (59, "287082"),
    (1111111109, "081804"),
    (1111111111, "050471"),
    (1234567890, "005924"),
    (2000000000, "279037"),
    (20000000000, "353130"),
)
# RFC 4226, appendix D.
COUNTED = ("755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583",
           "399871", "520489")  # fmt: skip


@pytest.mark.parametrize(("seconds", "code"), VECTORS)
def test_the_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    now = datetime.fromtimestamp(seconds, UTC)
    assert totp.code_at(SECRET, totp.step_of(now)) == code
    assert totp.fitting_step(SECRET, code, now) == seconds // 30


def test_the_counters_are_those_of_the_standard() -> None:
    assert tuple(totp.code_at(SECRET, number) for number in range(10)) == COUNTED


@pytest.mark.parametrize(("steps", "fits"), [(-2, False), (-1, True), (0, True), (1, True),
                                             (2, False)])  # fmt: skip
def test_a_clock_may_be_one_step_off(steps: int, fits: bool) -> None:
    now = datetime(2026, 9, 2, 2, 0, 10, tzinfo=UTC)
    code = totp.code_at(SECRET, totp.step_of(now + timedelta(seconds=30 * steps)))
    assert (totp.fitting_step(SECRET, code, now) is not None) == fits


def test_no_code_counts_that_is_not_after_the_last_one_taken() -> None:
    now = datetime(2026, 9, 2, 2, 0, 10, tzinfo=UTC)
    here = totp.step_of(now)
    for step in (here - 1, here):
        assert totp.fitting_step(SECRET, totp.code_at(SECRET, step), now, after=here) is None
    later = totp.code_at(SECRET, here + 1)
    assert totp.fitting_step(SECRET, later, now, after=here) == here + 1


@pytest.mark.parametrize("text", ["", "28708", "2870822", "２８７０８２", "28708\u0662", "abcdef"])
def test_what_is_no_code_fits_never(text: str) -> None:
    assert totp.fitting_step(SECRET, text, datetime.fromtimestamp(59, UTC)) is None


def test_secrets_are_long_and_never_the_same() -> None:
    found = {totp.new_secret() for _ in range(50)}
    assert len(found) == 50
    assert {len(one) for one in found} == {20}


def test_the_address_is_one_that_apps_read() -> None:
    address = totp.address(SECRET, "li@example.cn", "Afterword: 灯笼 & Co")
    parts = urlsplit(address)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert parts.path.count(":") == 1
    assert query == {
        "secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
        "issuer": "Afterword  灯笼 & Co",
        "algorithm": "SHA1",
        "digits": "6",
        "period": "30",
    }
    assert totp.written(SECRET).startswith("GEZD GNBV ")

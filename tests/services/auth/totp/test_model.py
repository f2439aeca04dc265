"""Codes of authenticator apps: which are good, and how often."""

from base64 import b32encode
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pyotp
import pytest

from services.auth.totp.model import Totp, digits_of

SECRET = b32encode(b"12345678901234567890").decode()
NOW = datetime(2026, 5, 4, 12, 0, 15, tzinfo=UTC)


def app(last_step: int = 0) -> Totp:
    """An app that was last used in that step."""
    return Totp(uuid4(), UUID(int=1), "Phone", b"", NOW, NOW, None, last_step)


@pytest.mark.parametrize(
    ("second", "code"),
    [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ],
)
def test_the_vectors_of_the_standard(second: int, code: str) -> None:
    """RFC 6238, appendix B, by the last six digits of the SHA-1 column."""
    used = app().after(code, SECRET, datetime.fromtimestamp(second, UTC))
    assert used is not None
    assert used.last_step == second // 30


@pytest.mark.parametrize(
    ("steps", "good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
def test_a_clock_may_differ_by_a_step(steps: int, good: bool) -> None:
    """A code of the step before or after is good, one further away is not."""
    code = pyotp.TOTP(SECRET).at(NOW, counter_offset=steps)
    assert (app().after(code, SECRET, NOW) is not None) is good


def test_a_code_is_good_once() -> None:
    """After a code, neither it nor an older one is good; the next one is."""
    codes = pyotp.TOTP(SECRET)
    used = app().after(codes.at(NOW), SECRET, NOW)
    assert used is not None
    assert used.last_used_time == NOW
    assert used.after(codes.at(NOW), SECRET, NOW) is None
    assert used.after(codes.at(NOW, counter_offset=-1), SECRET, NOW) is None
    assert used.after(codes.at(NOW, counter_offset=1), SECRET, NOW) is not None
    later = NOW + timedelta(seconds=30)
    assert used.after(codes.at(NOW), SECRET, later) is None
    assert used.after(codes.at(later), SECRET, later) is not None


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "٠٠٥٩٢٤", "-05924", "+05924"])
def test_what_is_no_code(code: str) -> None:
    """Any other text is wrong, digits of other scripts included."""
    at = datetime.fromtimestamp(1_234_567_890, UTC)
    assert app().after(digits_of(code), SECRET, at) is None


@pytest.mark.parametrize("text", ["005924", " 005 924 ", "005\u00a0924"])
def test_codes_as_people_type_them(text: str) -> None:
    """Blanks do not matter."""
    assert digits_of(text) == "005924"

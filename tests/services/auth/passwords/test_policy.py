"""Which passwords the policy accepts."""

import pytest

from kernel.errors import FieldViolation, InvalidRequest
from kernel.fields import Fields
from services.auth.passwords.policy import PasswordPolicy
from tests.services.auth.harness import EMAIL, PASSWORD, make_settings, shortened, user

POLICY = PasswordPolicy(make_settings())


def refusal(
    password: str, email: str = EMAIL, policy: PasswordPolicy = POLICY, **about: str
) -> str:
    """The reason with which a password is refused; empty if it is accepted."""
    violation = violation_of(password, email, policy, **about)
    return "" if violation is None else violation.reason


def violation_of(
    password: str, email: str = EMAIL, policy: PasswordPolicy = POLICY, **about: str
) -> FieldViolation | None:
    """What is wrong with a password; None if it is accepted."""
    fields = Fields()
    policy.check(fields, "password", password, user(email=email, **about))
    try:
        fields.check()
    except InvalidRequest as error:
        (violation,) = error.violations
        assert violation.field == "password"
        return violation
    return None


@pytest.mark.parametrize(
    "password",
    [PASSWORD, "fifteen characters", "ALLUPPERCASEBUTFINE", "908172635445362718",
     "    four blanks in front", "пароль из многих букв", "密码必须足够长才可以通过检查的",
     "naïve café résumé", "🦊🐻🐼🦁🐯🐨🐵🐸🐙🦄🐝🐢🐍🦀🐬", "tabs are not, but \u00a0 is",
     "0123456789abcdj!", "passwordpasswort", "x7" * 7 + "y", "kq vw zj" * 32, "newer than Python: \U0001fa77"],
    ids=shortened,
)  # fmt: skip
def test_good_passwords(password: str) -> None:
    """The policy accepts 15 to 256 printable characters of any script."""
    assert refusal(password) == ""


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("", "TOO_SHORT"),
        ("fourteen chars", "TOO_SHORT"),
        ("e\u0301" * 14, "TOO_SHORT"),  # counted after composition
        ("kq vw zj" * 32 + "!", "TOO_LONG"),
        ("x" * 5_000, "TOO_LONG"),
        ("a\x00 password with it", "UNPRINTABLE"),
        ("a password\nof two lines", "UNPRINTABLE"),
        ("a password\twith a tab", "UNPRINTABLE"),
        ("a password\x7f with a delete", "UNPRINTABLE"),
        ("a noncharacter \ufdd0 in it", "UNPRINTABLE"),
        ("passwordpassword", "COMMON"),
        ("PasswordPassword", "COMMON"),
        ("passwordpasswordpass", "COMMON"),
        ("password1234567", "COMMON"),
        ("1234567password!!", "COMMON"),
        ("123456789012345", "COMMON"),
        ("aaaaaaaaaaaaaaa", "COMMON"),
        ("abababababababab", "COMMON"),
        ("abcdabcdabcdabcd", "COMMON"),
        ("               ", "COMMON"),
        ("qwertyuiopqwertyuiop", "COMMON"),
        ("long.address@example.com", "CONTEXT_WORDS"),
        ("Long.Address@Example.COM", "CONTEXT_WORDS"),
    ],
    ids=shortened,
)
def test_bad_passwords(password: str, reason: str) -> None:
    """The policy refuses passwords that are too short, too long, unprintable or common."""
    assert refusal(password, "long.address@example.com") == reason


def test_the_limits_are_exact() -> None:
    """15 and 256 characters are accepted, 14 and 257 are not; bytes do not count."""
    for characters in ("kqvwzjxnmtrhgpblsdf", "äöüßéèêñçøåæœþðłżśź"):
        text = (characters * 20)[:257]
        assert [refusal(text[:size]) for size in (14, 15, 256, 257)] == [
            "TOO_SHORT", "", "", "TOO_LONG",
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("password", "description"),
    [
        ("short", "Must have at least 15 characters."),
        ("kq vw zj" * 32 + "!", "Must have at most 256 characters."),
        ("a password\twith a tab", "Must not contain control characters."),
        ("passwordpassword", "Is one of the passwords that are tried first."),
    ],
)
def test_a_person_reads_why(password: str, description: str) -> None:
    """The description says what is wrong, and does not quote the password."""
    violation = violation_of(password)
    assert violation is not None
    assert violation.description == description

"""Which passwords the policy accepts."""

import time
from pathlib import Path

import pytest

from kernel.errors import FieldViolation, InvalidRequest
from kernel.fields import Fields
from kernel.settings import SettingsInvalid
from services.auth.passwords.breached import BreachedPasswords
from services.auth.passwords.breached_file import BreachedFile
from services.auth.passwords.policy import PasswordPolicy
from tests.services.auth.harness import EMAIL, PASSWORD, make_settings, shortened, user
from tests.support.range_server import sha1

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


NAMES = {"first_name": "Zo\u00eb", "last_name": "Kirchgässner", "company": "Analytical Engines Ltd"}
ADDRESS = "z.kirchgaessner+ide@lochkarten-verein.example"


@pytest.mark.parametrize(
    "password",
    [
        "Zoë Kirchgässner", "zoe kirchgassner!", "KirchgässnerZoë1", "kirchgässner kirchgässner",
        "k1rchg@$$n3r2026", "K.i.r.c.h.g.a.s.s.n.e.r", "renssäghcrik1234", "***kirchgässner***",
        "kirchgassner zoe kirchgassner zoe", "Zoë!Kirchgässner?Passwort", "zoe123456789012",
        "analyticalengines", "4n4lyt1c4l-3ng1n35", "Analytical Engines Ltd 1837", "engines analytical",
        "lochkarten-verein", "lochkarten verein 24", "zkirchgaessneride", ADDRESS, f"x{ADDRESS}x",
        "coditectcoditect", "C0d1t3ct-2026-07", "my coditect login", "tcetidoc tcetidoc", "coditectaaaaaaaaaaaa",
        "coditect-qwertyuiop", "my administrator", "acme-corp-rocket", "ACME rocket 2026!", "idecorp.example",
        "idecorp idecorp 1", "Zoe\u0308 Kirchga\u0308ssner",
    ],
    ids=shortened,
)  # fmt: skip
def test_words_of_the_context(password: str) -> None:
    """The user's names, company and address, the product's words, the operator's and the host are no password.

    Case, accents, replaced, doubled or reversed characters, separators and a little padding do not help.
    """
    policy = PasswordPolicy(
        make_settings(
            PASSWORD_CONTEXT_WORDS="Acme Corp, Rocket",
            TOKEN_ISSUER="https://idecorp.example",
        )
    )
    assert refusal(password, ADDRESS, policy, **NAMES) == "CONTEXT_WORDS"


@pytest.mark.parametrize(
    "password",
    [
        "zoe keeps 4 grey geese", "engines hum while rain falls", "my coditect password is a long secret",
        "a verein of nine violins", "kq7vwzj2 kirchg 908", "coditect kqvwzj7 m2x9",
    ],
)  # fmt: skip
def test_words_within_a_longer_password(password: str) -> None:
    """Such a word may be in a password of which it is the smaller part."""
    assert refusal(password, ADDRESS, **NAMES) == ""


@pytest.mark.parametrize(
    ("about", "password"),
    [
        ({"first_name": "Bo", "last_name": "Li"}, "blissful oboe lights"),
        ({"company": "Smith and Sons"}, "candy and brandy landed"),
        ({"first_name": "", "last_name": "", "company": ""}, "fifteen characters"),
        ({"first_name": "!", "last_name": "\u0301", "company": "..."}, "fifteen characters"),
    ],
    ids=shortened,
)
def test_short_words_are_no_words(about: dict[str, str], password: str) -> None:
    """A name of one or two characters, or a short word of a company, is in too many words by chance."""
    assert refusal(password, **about) == ""


def test_a_bad_request_is_checked_fast() -> None:
    """Fields of a megabyte, and combining marks without end, take no time; no address is an error."""
    marks = "\u0301\u0316" * 250_000
    about = {"first_name": marks, "last_name": "x" * 1_000_000, "company": "a b " * 250_000}
    began = time.thread_time()
    for email in ("", "@", "no address", marks, "x@" * 500_000):
        assert refusal("fifteen characters", email, **about) == ""
    assert refusal(marks) == "TOO_LONG"
    assert time.thread_time() - began < 1


SALAWAT = "\ufdfa"  # one character, and four words of eighteen when it is decomposed


@pytest.mark.parametrize(
    ("password", "name"),
    [
        ("fifteen characters", SALAWAT * 320),
        ("fifteen characters" + SALAWAT * 238, SALAWAT * 320),
        ("kq vw zj" * 32, f"{SALAWAT} " * 160),
        ("kq vw zj" * 32, " ".join(f"{chr(97 + n % 26)}{n}" for n in range(100, 200))),
        ("fifteen characters" + "\u0301\u0316" * 119, "\u0301\u0316" * 160),
    ],
    ids=shortened,
)
def test_a_hostile_request_is_checked_fast(password: str, name: str) -> None:
    """Characters that are many when they are decomposed, and many words, do not hold up other requests."""
    about = {"first_name": name, "last_name": name, "company": name}
    email = "x@" + ".".join("абвгдежзийклмнопрстуфхцчшщъыьэюя"[n:] for n in range(4)) + ".example"
    spent = []
    for _ in range(5):
        began = time.thread_time()
        refusal(password, email, **about)
        spent.append(time.thread_time() - began)
    assert min(spent) < 0.01


def test_words_of_characters_that_are_many_when_they_are_decomposed() -> None:
    """They count as what they are decomposed to, and long names in Hangul as far as they are allowed."""
    arabic = "\u0635\u0644\u0649 \u0627\u0644\u0644\u0647 \u0639\u0644\u064a\u0647 \u0648\u0633\u0644\u0645"
    assert refusal(arabic, first_name=SALAWAT) == "CONTEXT_WORDS"
    assert refusal(SALAWAT * 15, first_name=arabic) != ""
    hangul = "".join(map(chr, range(0xAC00, 0xAC00 + 28 * 100, 28)))
    assert refusal(hangul + "kq7vwzj2", first_name=hangul, last_name=hangul) == "CONTEXT_WORDS"
    assert refusal(hangul[::-1] + hangul, last_name=hangul[::-1]) == "CONTEXT_WORDS"


@pytest.mark.parametrize(("least", "good"), [(8, "kq7vwzj2"), (64, "kq vw zj" * 8)])
def test_the_shortest_length_is_a_setting(least: int, good: str) -> None:
    """The policy accepts as many characters as the deployment says, and names the number."""
    policy = PasswordPolicy(make_settings(PASSWORD_MIN_LENGTH=str(least)))
    assert refusal(good, policy=policy) == ""
    violation = violation_of(good[1:], policy=policy)
    assert violation is not None
    assert violation.description == f"Must have at least {least} characters."


@pytest.mark.parametrize("least", ["7", "65", "fifteen"])
def test_limits_of_the_shortest_length(least: str) -> None:
    """NIST allows no less than 8 characters, and no operator can ask for more than 64."""
    with pytest.raises(SettingsInvalid, match="PASSWORD_MIN_LENGTH: "):
        make_settings(PASSWORD_MIN_LENGTH=least)


async def test_one_call_checks_everything(tmp_path: Path) -> None:
    """`require` refuses by the rules first, then by the sources, and names the field it was given."""
    path = tmp_path / "hashes"
    path.write_text(f"{sha1('fifteen characters')}:1\n")
    source = BreachedFile(path)
    policy = PasswordPolicy(make_settings(), BreachedPasswords([source]))
    for password, reason in (("short", "TOO_SHORT"), ("fifteen characters", "BREACHED")):
        with pytest.raises(InvalidRequest) as error:
            await policy.require("newPassword", password, user())
        assert [(bad.field, bad.reason) for bad in error.value.violations] == [
            ("newPassword", reason)
        ]
    await policy.require("newPassword", "sixteen characters", user())
    await source.close()

"""Email addresses: which ones are valid, and which spellings are the same address."""

import time
from collections.abc import Callable

import idna
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kernel.emails import (
    NORMALIZED_EMAIL_BYTES,
    ascii_domain,
    checked_email,
    deliverable_email,
    domain_of,
    email_domain,
    is_email,
    normalized_email,
)
from kernel.errors import InvalidRequest
from kernel.fields import Fields


@pytest.mark.parametrize(
    "spelling",
    ["ada@bücher.example", "ada@xn--bcher-kva.example", "ADA@XN--BCHER-KVA.EXAMPLE",
     "ada@BÜCHER.Example", "ada@bu\u0308cher.example", "ada@bücher。example", "ada@bücher\uff0e\uff45\uff58\uff41\uff4d\uff50\uff4c\uff45",
     "ada@bü\u00adcher.example"],
    ids=ascii,
)  # fmt: skip
def test_spellings_of_one_domain(spelling: str) -> None:
    """Case, composition, width, dots and Punycode do not distinguish domains (UTS 46)."""
    assert normalized_email(spelling) == "ada@xn--bcher-kva.example"


@settings(max_examples=200, deadline=None)
@given(
    st.text(st.sampled_from("aZ0-.x\u212a\u017f\u0130"), max_size=20)
    | st.from_regex(r"(xn--)?[a-z]{60,64}(\.[A-Z-]+)*", fullmatch=True)
)
@example("A" * 63 + ".b")
@example("a" * 64)
@example("ab--c.d")
@example(".".join(["a" * 62] * 4) + ".b")
def test_the_fast_way_gives_the_same_form(domain: str) -> None:
    """A domain of plain ASCII labels is converted as the library does it."""
    try:
        expected = idna.encode(domain, uts46=True, std3_rules=True).decode()
    except idna.IDNAError:
        expected = None
    assert ascii_domain(domain) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ada@fußball.example", "ada@fussball.example"),
        ("ada@βόλος.example", "ada@βόλοσ.example"),
        ("ada@bücher.example", "ada@bucher.example"),
    ],
)
def test_domains_that_dns_distinguishes(one: str, other: str) -> None:
    """UTS 46 is applied without its transitional rules, which took `ß` for `ss`."""
    assert is_email(one)
    assert is_email(other)
    assert normalized_email(one) != normalized_email(other)


def test_a_local_part_is_compared_after_case_folding() -> None:
    """Unlike in a domain, `ß` is `ss`."""
    assert normalized_email("Stra\u00dfe@x.example") == normalized_email("STRASSE@x.example")


@pytest.mark.parametrize(
    "text",
    ["", "@", "ada", "ada@", "@x.example", "ada@x..example", "ada@-x.example", "ada@xn--zz.example",
     "ada@☃.example", "ada@" + "ß" * 60 + ".example", "ada@ab--ß.example", "ada@x_y.example",
     "ada@x.example\n", "ada@" + "b" * 10_000, "\ud800@\ud800", "ada@\u212a\x00"],
    ids=lambda text: ascii(text)[:24],
)  # fmt: skip
def test_the_form_of_no_address_is_the_form_of_no_other(text: str) -> None:
    """A text that is no address has a form, which no address can have; the form does not vary."""
    assert not is_email(text)
    form = normalized_email(text)
    local, _, domain = form.rpartition("@")
    assert not local or "@" in local or ascii_domain(domain) is None
    assert normalized_email(text) == form


@settings(max_examples=200, deadline=None)
@given(st.text() | st.emails() | st.text(st.sampled_from("a@.\u0149\u0345\u1f80ß-"), max_size=300))
@example("a" * 10_000)
@example("\u1f80" * 100 + "@x.example")
def test_a_form_is_its_own_form_and_short(text: str) -> None:
    """Rows can hold the form of any text, and find it again by the form."""
    form = normalized_email(text)
    assert normalized_email(form) == form
    assert len(form.encode()) <= NORMALIZED_EMAIL_BYTES


def test_long_texts_are_not_taken_for_each_other() -> None:
    """A form that would be too long is not cut."""
    assert normalized_email("a" * 10_000) != normalized_email("a" * 10_001)
    assert normalized_email("\u1f80" * 100 + "@x.example") != normalized_email(
        "\u1f80" * 101 + "@x.example"
    )


def test_a_domain_without_an_ascii_form_is_not_taken_for_another() -> None:
    """This label is too long in ASCII; with `ss` for its last letter it would be another domain."""
    assert ascii_domain("a" * 58 + "ß.example") is None
    twin = "ada@" + "a" * 58 + "ss.example"
    assert is_email(twin)
    assert normalized_email("ada@" + "a" * 58 + "ß.example") != normalized_email(twin)


@pytest.mark.parametrize(
    "email",
    ["ada@☃.example", "ada@" + "ü" * 63 + ".example", "ada@xn--a.example", "ada@a\u200db.example",
     "a\u3164da@x.example", "ada\ufe0f@x.example", "a\u034fda@x.example", "ada@x\ufe0f.example",
     "a\u0378@x.example", "ada@x\u0378.example", "ada@" + "ü." * 60 + "example"],
    ids=lambda text: ascii(text)[:24],
)  # fmt: skip
def test_no_email_addresses(email: str) -> None:
    """A domain that has no ASCII form, and characters that cannot be seen or compared, are refused."""
    fields = Fields()
    checked_email(fields, email)
    with pytest.raises(InvalidRequest) as error:
        fields.check()
    assert [bad.reason for bad in error.value.violations] == ["NOT_AN_EMAIL"]


def test_a_mail_server_gets_the_domain_in_ascii() -> None:
    """The local part, and a domain in ASCII, stay as they were typed."""
    assert deliverable_email("Büro@Fußball.example") == "Büro@xn--fuball-cta.example"
    assert deliverable_email("Ada@X.example") == "Ada@X.example"


def test_the_longest_normalized_address_fits_into_a_key() -> None:
    """Case folding makes a local part of this character half as long again."""
    fields = Fields()
    email = checked_email(fields, "\u0149" * 122 + "@x.example")
    fields.check()
    assert 254 < len(normalized_email(email).encode()) <= NORMALIZED_EMAIL_BYTES


@pytest.mark.parametrize(
    "text",
    ["a@" + "\u0660" * 1000, "a@xn--" + "a" * 1000, "a@" + "ü." * 500, "a@" + "\ufdfa" * 1000,
     "a@" + "ア・" * 126, "\u0301\u0327" * 500 + "@x.example"],
    ids=ascii,
)  # fmt: skip
def test_a_hostile_address_costs_little(text: str) -> None:
    """The comparison form of any text takes less time than one password hash."""
    normalized_email(text)  # loads the tables
    best = min(_seconds(text) for _ in range(5))
    assert best < 0.01


def _seconds(text: str, use: Callable[[str], object] = normalized_email) -> float:
    started = time.thread_time()
    use(text)
    return time.thread_time() - started


_DISTINCT = "".join(map(chr, range(0x4E00, 0x4E00 + 252)))


@pytest.mark.parametrize(
    "domain",
    [_DISTINCT, "中" * 252, _DISTINCT[:126] + "." + _DISTINCT[126:251], "xn--" + "ab9" * 82],
    ids=lambda text: ascii(text)[:24],
)
@pytest.mark.parametrize(
    "use",
    [
        ascii_domain,
        email_domain,
        lambda domain: is_email(f"a@{domain}"),
        lambda domain: checked_email(Fields(), f"a@{domain}"),
        lambda domain: normalized_email(f"a@{domain}"),
    ],
    ids=["ascii_domain", "email_domain", "is_email", "checked_email", "normalized_email"],
)
def test_a_label_that_is_too_long_is_not_converted(
    domain: str, use: Callable[[str], object]
) -> None:
    """Its conversion takes 10 ms and more, and the mapping before it a tenth of a millisecond."""
    assert ascii_domain(domain) is None
    assert not is_email(f"a@{domain}")
    assert min(_seconds(domain, use) for _ in range(5)) < 0.002


@pytest.mark.parametrize(
    ("most", "rest", "last"), [(63, "a", "a"), (56, "a", "ü"), (57, "中", "中")], ids=ascii
)
def test_the_longest_labels(most: int, rest: str, last: str) -> None:
    """They are as long as the library accepts them, and no longer."""
    for size in range(most - 3, 70):
        domain = rest * (size - 1) + last + ".example"
        try:
            expected = idna.encode(domain, uts46=True, std3_rules=True).decode()
        except idna.IDNAError:
            expected = None
        assert (expected is not None) == (size <= most)
        assert ascii_domain(domain) == expected


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("example.com", "example.com"),
        ("Bücher.Example", "xn--bcher-kva.example"),
        ("localhost", "localhost"),
        ("", None),
        ("ada@example.com", None),
        ("@example.com", None),
        ("*.example.com", None),
        ("example.com.", None),
        ("[192.0.2.1]", None),
        ("ex\u200bample.com", None),
        ("x" * 1_000_000, None),
    ],
    ids=lambda value: ascii(value)[:20],
)
def test_domains_that_addresses_can_have(text: str, domain: str | None) -> None:
    """Each has the form in which it is in a normalized address; any other text has none."""
    assert email_domain(text) == domain
    if domain is not None:
        assert domain_of(normalized_email(f"Ada@{text}")) == domain

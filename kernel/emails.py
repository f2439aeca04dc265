"""Email addresses: validation and normalization."""

import re
import unicodedata
from hashlib import blake2b

import email_validator
import idna

from kernel import third_party
from kernel.characters import without_directions, without_invisible
from kernel.fields import COMPOSED, Fields

NORMALIZED_EMAIL_BYTES = 400
"""Most UTF-8 bytes of a normalized address: case folding can lengthen an address, and a key has 500."""

assert third_party, "makes the validator accept addresses of private networks"

_EMAIL_BYTES = 254  # RFC 5321, section 4.5.3.1.3
_DOMAIN_BYTES = (
    253  # RFC 1035; no form of a domain is shorter in ASCII, except for invisible characters
)
_LABEL_BYTES = 63  # RFC 1035
_LABEL_CHARACTERS = _LABEL_BYTES - len("xn--")  # Punycode has at least a byte for each character
_DIGEST_BYTES = 16  # in hexadecimal a label of a domain, so that a form is its own form
# Labels that are already in ASCII, and are no Punycode.
_PLAIN_DOMAIN = re.compile(
    r"(?:(?!..--)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*(?!..--)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
)


def ascii_domain(domain: str) -> str | None:
    """A domain in the one form by which domains are compared: UTS 46, non-transitional, in ASCII.

    Upper case, full-width characters and dots, and Punycode give the same form, but `fußball` is not
    `fussball`. None for a text that is no domain.
    """
    if len(domain) > _DOMAIN_BYTES:  # bounds the time: the conversion is quadratic
        return None
    lowered = domain.lower()
    if _PLAIN_DOMAIN.fullmatch(lowered):
        return lowered  # as the conversion would, a hundred times faster
    try:
        mapped = idna.uts46_remap(domain, std3_rules=True)
        if _has_long_label(mapped):
            return None
        return idna.encode(mapped).decode("ascii")
    except idna.IDNAError:
        return None


def normalized_email(email: str) -> str:
    """The form by which addresses are compared: NFC and case folding, and the domain as `ascii_domain`.

    It has at most `NORMALIZED_EMAIL_BYTES`, and is its own form. Never fails: a text that is no address,
    or whose form is longer, gives a form that no address has.
    """
    form = _form(email)
    return form if _fits(form) else _no_address(form)


def domain_of(normalized: str) -> str:
    """The domain of a normalized address, in its normal form."""
    return normalized.rpartition("@")[2]


def email_domain(text: str) -> str | None:
    """The normal form of a domain that addresses can have; None for any other text."""
    return None if "@" in text else _domain_of_address(f"a@{text}")


def deliverable_email(email: str) -> str:
    """A checked address for a mail server: a domain that is not in ASCII is converted.

    The mail server could convert it by older rules, and deliver to another domain.
    """
    local, _, domain = email.rpartition("@")
    return email if domain.isascii() else f"{local}@{ascii_domain(domain)}"


def is_email(text: str) -> bool:
    """Whether the text is a bare address: no display name, no quoting, no encoded word.

    A text with the start of an encoded word (RFC 2047) is a valid address, but a program that
    decodes it sees a different one. So does a reader if a character cannot be seen. Unlike in a name,
    characters that the interpreter does not know are refused, because it cannot compare them.
    """
    return _domain_of_address(text) is not None


def checked_email(fields: Fields, email: str, field: str = "email") -> str:
    """Checks the email address of a new account and returns it as it will be shown."""
    text = fields.text(field, email, min_length=1, max_length=_EMAIL_BYTES)
    if not is_email(text) or without_directions(email) != email:
        fields.refuse(field, "NOT_AN_EMAIL", "Must be an email address.")
    if not _fits(_form(text)):
        fields.refuse(field, "TOO_LONG", "Is too long.")
    return text


def _domain_of_address(text: str) -> str | None:
    """The normal form of the domain of an address; None for a text that is no address, see `is_email`."""
    if len(text.encode(errors="surrogatepass")) > _EMAIL_BYTES:
        return None  # the validator refuses it, too, but converts the domain first
    if "=?" in text or without_invisible(text) != text:
        return None
    domain = ascii_domain(text.rpartition("@")[2])
    if domain is None:
        return None  # before the validator, which converts labels of any length
    try:
        email_validator.validate_email(text, check_deliverability=False, globally_deliverable=False)
    except email_validator.EmailNotValidError:
        return None
    return domain


def _has_long_label(mapped: str) -> bool:
    """Whether a label of a mapped domain is too long to be converted.

    The library refuses such a label, too, but only after a conversion in quadratic time.
    """
    return any(
        len(label) > (_LABEL_BYTES if label.isascii() else _LABEL_CHARACTERS)
        for label in mapped.split(".")
    )


def _form(email: str) -> str:
    if len(email) > COMPOSED * _EMAIL_BYTES:  # bounds the time
        return _no_address(email)
    local, _, domain = unicodedata.normalize("NFC", email).rpartition("@")
    ascii_form = ascii_domain(domain)
    return _no_address(_folded(email)) if ascii_form is None else f"{_folded(local)}@{ascii_form}"


def _fits(form: str) -> bool:
    return len(form.encode(errors="surrogatepass")) <= NORMALIZED_EMAIL_BYTES


def _no_address(text: str) -> str:
    digest = blake2b(text.encode(errors="surrogatepass"), digest_size=_DIGEST_BYTES).hexdigest()
    return f"@{digest}"


def _folded(text: str) -> str:
    composed = unicodedata.normalize("NFC", text)
    return unicodedata.normalize("NFC", composed.casefold())

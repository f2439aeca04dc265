"""Serializes mail: each header carries exactly its text."""

import re
import unicodedata
from email.errors import MessageError
from email.header import Header
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.policy import SMTP, SMTPUTF8
from email.utils import parseaddr
from typing import NamedTuple

from kernel.characters import without_directions, without_invisible
from kernel.mail.errors import MailRefused

_LINE = 78  # characters of a header, with its name (RFC 5322, section 2.1.1)
_BREAKS = frozenset({"Cc", "Zl", "Zp"})  # control characters, line and paragraph separators

# What a mail program makes a link of, or a person could type as an address: `//`, `@`, a dot between
# words such as `evil.example` in any script, and an IPv4 address. An initial is no word: `J.R.R.` is fine.
_WORD, _LETTER = r"[^\s\x00-/:-@\[-`{-\x7f]", r"[^\s\x00-@\[-`{-\x7f]"
_LINK = re.compile(
    rf"//|@|{_WORD}\.{_LETTER}{{2}}|[a-z0-9]。[a-z]{{2}}|\.xn--|\d(?:\.\d+){{3}}", re.IGNORECASE
)


def holds_link(name: str) -> bool:
    """Whether a name holds something that is, or looks like, a link or an address.

    Full-width and other compatible characters count as what they stand for, and characters that cannot
    be seen do not count.
    """
    return _LINK.search(without_invisible(unicodedata.normalize("NFKC", name))) is not None


def shown_name(name: str, otherwise: str) -> str:
    """A name that a person typed, for a line of a mail to a reader who may not know that person.

    A name with a link or an address is not shown: the mail would recommend it. Neither is one of which
    nothing is left.

    Args:
        name: The name.
        otherwise: What stands in its place then.
    """
    line = one_line(name)
    return line if line and not holds_link(line) else otherwise


def one_line(name: str) -> str:
    """A name that a person typed, safe within a line of a mail.

    Line breaks and control characters become blanks, and characters that change the direction of
    the text around them are left out.
    """
    bare = without_directions(name)
    return "".join(" " if unicodedata.category(one) in _BREAKS else one for one in bare).strip()


def unstructured(name: str, text: str) -> str:
    """Encodes one line of text as a header for `set_raw`, so that readers get the same text.

    Text that looks like an encoded word (RFC 2047) is encoded too, or readers would decode it.
    """
    line = f"{name}: {text}"
    plain = line.isascii() and line.isprintable() and "=?" not in text and len(line) <= _LINE
    return (
        text if plain and text == text.strip() else Header(text, "utf-8", header_name=name).encode()
    )


class FlatMail(NamedTuple):
    """A serialized mail.

    Attributes:
        sender: The address in From.
        recipients: The addresses in To.
        id_left: The part of the Message-ID before the `@` (RFC 5322, section 3.6.4).
        utf8: Whether headers are in UTF-8, because an address is.
        content: Headers and text.
    """

    sender: str
    recipients: list[str]
    id_left: str
    utf8: bool
    content: bytes


def flattened(message: EmailMessage) -> FlatMail:
    """Serializes a mail, and leaves raw headers unchanged. Raises `MailRefused`."""
    try:
        (sender,), recipients = _addresses(message, "From"), _addresses(message, "To")
        utf8 = not "".join([sender, *recipients]).isascii()
        policy = (SMTPUTF8 if utf8 else SMTP).clone(refold_source="none", cte_type="7bit")
        id_left = parseaddr(message["Message-ID"])[1].partition("@")[0]
        content = message.as_bytes(policy=policy)
    except (MessageError, ValueError, LookupError) as error:
        raise MailRefused(type(error).__name__) from None
    if BytesHeaderParser().parsebytes(content).keys() != message.keys():
        raise MailRefused("A header does not survive serialization.")
    return FlatMail(sender, recipients, id_left, utf8, content)


def _addresses(message: EmailMessage, header: str) -> list[str]:
    addresses = message[header].addresses
    if not all(one.username and one.domain for one in addresses):
        raise ValueError("An address is missing.")
    return [one.addr_spec for one in addresses]

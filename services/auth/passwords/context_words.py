"""Words that an attacker tries first at one account: those of its user, of the product, and of its operator.

ASVS 5.0 asks for a list of such words (6.1.2) and that they make no password that is easy to guess
(6.2.11); NIST SP 800-63B-4, section 3.1.1.2, for the name of the service and of the user. A password may
hold them, but must not be made of them.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from itertools import filterfalse
from typing import NamedTuple, Protocol

from kernel.emails import normalized_email

PRODUCT_WORDS = ("coditect", "administrator", "member", "owner", "gateway", "sessions", "tenants")
"""The name of the product, its roles and its services. `PASSWORD_CONTEXT_WORDS` adds to them."""

_SHORTEST = 3  # characters; a shorter name stands in too many words by chance
_SHORTEST_OF_PHRASES = 4  # of a company or a domain: so "and", "com" and "org" do not count
_LONGEST = 320  # characters of a field that count
_LONGEST_BARE = 3 * _LONGEST  # without case and accents: a Hangul syllable gives three
_MOST_WORDS = 32  # of a field or a domain, besides all of them as one word
_MASK = "\0"
_BLANK = re.compile(r"[\W_]+")
# Characters that are typed in place of others. Both sides of a comparison are translated.
_LOOK_ALIKES = str.maketrans("01!|l3@4$5+7892", "oiiiieaassttbgz")
_AS_TYPED: dict[int, int] = {}


class Remainder(NamedTuple):
    """What is left of a password without the context words that are in it."""

    text: str
    whole: int
    """The length of the password, counted as that of the text: alphanumeric characters alone."""


class AboutUser(Protocol):
    """What is known of a user who chooses a password: a stored user, or a request for an account."""

    @property
    def email(self) -> str:
        """The address."""

    @property
    def first_name(self) -> str:
        """The first name."""

    @property
    def last_name(self) -> str:
        """The last name."""

    @property
    def company(self) -> str:
        """The company; empty if there is none."""


class ContextWords:
    """The words of a deployment, to which those of each user are added.

    Args:
        given: Words and names that a deployment adds to `PRODUCT_WORDS`.
        hosts: The names of its hosts.
    """

    def __init__(self, given: Iterable[str] = (), hosts: Iterable[str] = ()) -> None:
        words = {*PRODUCT_WORDS, *(word for text in given for word in _words(text, _SHORTEST))}
        self._words = words | {word for host in hosts for word in _domain_words(host)}

    def remainders(self, password: str, about: AboutUser) -> Iterator[Remainder]:
        """What is left of a password, once for each reading in which any of the words is in it.

        It is read as it is typed, and with its usual replacements undone (`c0d1t3ct`). Case, accents and
        what stands between alphanumeric characters make no difference; a word may be written backwards.
        """
        words = self._words | set(_words_of(about))
        bare = _bare(password)
        for table in (_AS_TYPED, _LOOK_ALIKES):
            translated = bare.translate(table)
            read = "".join(filter(str.isalnum, translated))
            pairs = zip(bare, translated, strict=True)  # a table gives one character for one
            typed = [one for one, replaced in pairs if replaced.isalnum()]
            short = (word for word in words if len(word) <= len(read))  # no other can be in it
            masked = _masked(read, {word.translate(table) for word in short})
            if masked != read:
                left = (one for one, mask in zip(typed, masked, strict=True) if mask != _MASK)
                yield Remainder("".join(left), len(typed))


def _words_of(about: AboutUser) -> Iterator[str]:
    """The words of a user's names and address."""
    # A request may be bad in other fields, too, and those of any length.
    first, last, company, email = (
        text[:_LONGEST] for text in (about.first_name, about.last_name, about.company, about.email)
    )
    for name in (first, last):
        yield from _words(name, _SHORTEST)
    yield from _words_in([f"{first} {last}"], _SHORTEST)
    yield from _words(company, _SHORTEST_OF_PHRASES)
    local, _, domain = normalized_email(email).rpartition("@")
    yield _plain(email)
    yield from _words(local, _SHORTEST)
    yield from _domain_words(domain)


def _domain_words(domain: str) -> Iterator[str]:
    """The words of a domain's labels, and the labels; not those of its last one."""
    for label in domain.split(".")[:-1][:_MOST_WORDS]:
        yield from _words(label, _SHORTEST_OF_PHRASES)


def _words(text: str, shortest: int) -> Iterator[str]:
    """The words of a text, and all of them as one word."""
    return _words_in({*_BLANK.split(text)[:_MOST_WORDS], text}, shortest)


def _words_in(parts: Iterable[str], shortest: int) -> Iterator[str]:
    for part in parts:
        word = _plain(part)
        if len(word) >= shortest:
            yield word


def _plain(text: str) -> str:
    """Alphanumeric characters alone, without case and accents."""
    return "".join(filter(str.isalnum, _bare(text)))


def _bare(text: str) -> str:
    """A text without case and accents: its beginning, if it gets longer than `_LONGEST_BARE`.

    The bound is one of the result, because a single character can give eighteen.
    """
    if text.isascii():
        return text.casefold()[:_LONGEST_BARE]  # as below, only faster
    folded = unicodedata.normalize("NFKD", text)[:_LONGEST_BARE].casefold()
    decomposed = unicodedata.normalize("NFKD", folded)[:_LONGEST_BARE]
    return "".join(filterfalse(unicodedata.combining, decomposed))


def _masked(text: str, words: Collection[str]) -> str:
    """A text of the same length, in which the words are masked: forwards and backwards, the longest first."""
    both = {form for word in words for form in (word, word[::-1]) if form and form in text}
    for word in sorted(both, key=lambda word: (-len(word), word)):
        text = text.replace(word, _MASK * len(word))
    return text

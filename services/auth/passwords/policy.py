"""The password policy.

The rules are NIST SP 800-63B-4, section 3.1.1: length is what counts, any printable character is
allowed, no mixture is required, and passwords that are commonly tried first are refused.
"""

import unicodedata
from urllib.parse import urlsplit

from kernel.characters import printable
from kernel.fields import COMPOSED, Fields
from services.auth.passwords.breached import BreachedPasswords
from services.auth.passwords.common import is_common
from services.auth.passwords.context_words import AboutUser, ContextWords
from services.auth.settings import AuthSettings

MAX_CHARACTERS = 256
SHORT_UNIT = 4
"""The longest text, in characters, that gives no good password however often it is repeated."""
_PADDING = "0123456789 .,;:!?-_+*#@$%&/()="


def normal(password: str) -> str:
    """The form of a password that is hashed: NFC, so that every keyboard gives the same.

    A text that is too long for any password stays as it is.
    """
    if len(password) > COMPOSED * MAX_CHARACTERS:
        return password
    return unicodedata.normalize("NFC", password)


class PasswordPolicy:
    """Decides whether a new password is good enough, wherever one is chosen.

    Args:
        settings: The shortest length and the words of the deployment.
        breached: The passwords that were found in breaches; by default none are known.
    """

    def __init__(self, settings: AuthSettings, breached: BreachedPasswords | None = None) -> None:
        self._min_characters = settings.password_min_length
        self._breached = breached or BreachedPasswords()
        host = urlsplit(settings.token_issuer).hostname or ""
        self._context = ContextWords(settings.password_context_words, [host])

    async def require(self, field: str, password: str, about: AboutUser) -> None:
        """Refuses a new password that is not good enough. Raises `InvalidRequest`.

        It waits for each source of breached passwords for a second at most: see `BreachedPasswords`.

        Args:
            field: The field of the request, as in its JSON.
            password: The password as it was sent.
            about: The user who chooses it, or the request for an account.
        """
        fields = Fields()
        self.check(fields, field, password, about)
        fields.check()
        await self.refuse_breached(field, password)

    def check(self, fields: Fields, field: str, password: str, about: AboutUser) -> None:
        """Notes in `fields` what is wrong with a password by itself.

        That takes a fraction of a millisecond, and 5 milliseconds for a request that is made to be slow.
        """
        text = normal(password)
        if len(text) < self._min_characters:
            description = f"Must have at least {self._min_characters} characters."
            fields.refuse(field, "TOO_SHORT", description)
        elif len(text) > MAX_CHARACTERS:
            fields.refuse(field, "TOO_LONG", f"Must have at most {MAX_CHARACTERS} characters.")
        elif not printable(text):
            fields.refuse(field, "UNPRINTABLE", "Must not contain control characters.")
        elif _guessable(text.casefold()):
            fields.refuse(field, "COMMON", "Is one of the passwords that are tried first.")
        elif self._is_of_context(text, about):
            fields.refuse(
                field,
                "CONTEXT_WORDS",
                "Is made of your names, your address, your company or words of this product.",
            )

    async def refuse_breached(self, field: str, password: str) -> None:
        """Refuses a password that was found in a breach. Raises `InvalidRequest`."""
        if await self.breached(password):
            fields = Fields()
            fields.refuse(field, "BREACHED", "Was found in a data breach.")
            fields.check()

    async def breached(self, password: str) -> bool:
        """Whether a password was found in a breach; False if no source can tell."""
        return await self._breached.contain(normal(password))

    def _is_of_context(self, password: str, about: AboutUser) -> bool:
        """Whether half of it or more is context words, or what is left of it is guessable."""
        return any(
            2 * len(rest.text) <= rest.whole or _guessable(rest.text)
            for rest in self._context.remainders(password, about)
        )


def _guessable(password: str) -> bool:
    """Whether it is a common password, also repeated or padded."""
    return len(repeated_unit(password)) <= SHORT_UNIT or any(map(is_common, forms_of(password)))


def repeated_unit(text: str) -> str:
    """The shortest beginning that, repeated and maybe cut short, gives the whole text."""
    for length in range(1, len(text)):
        if text.startswith(text[length:]):
            return text[:length]
    return text


def forms_of(password: str) -> set[str]:
    """A password, and what it is without repetition, and without digits and punctuation at its ends."""
    unit, core = repeated_unit(password), password.strip(_PADDING)
    return {password, unit, unit.strip(_PADDING), core, repeated_unit(core)}

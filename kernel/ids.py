"""The source of ids and secrets; tests pass their own.

Ids are made before a transaction begins, never inside it: a transaction may run more than once.
"""

import secrets
from typing import Protocol
from uuid import UUID, SafeUUID, uuid4

# What `UUID` itself sets; its own `__setattr__` forbids it to others.
_new = object.__new__
_set_int = vars(UUID)["int"].__set__
_set_safe = vars(UUID)["is_safe"].__set__
_CHARACTERS = 36
_UNKNOWN = SafeUUID.unknown  # to look it up takes as long as to set it


def uuid_of(text: str) -> UUID:
    """The UUID of a text that is one in its canonical form, in half of the time of `UUID`.

    `UUID` takes texts of many forms, and bytes and numbers. Texts out of requests and records are
    known to be of one form. Raises `ValueError` for a text of another length, or that is no number.
    """
    if len(text) != _CHARACTERS:
        raise ValueError("Not an id as it is written.")
    made = _new(UUID)
    _set_int(made, int(text.replace("-", ""), 16))
    _set_safe(made, _UNKNOWN)
    return made


class Ids(Protocol):
    """Generates unique ids and unguessable secrets."""

    def uuid(self) -> UUID:
        """A new random UUIDv4 (RFC 9562)."""
        ...

    def secret(self) -> bytes:
        """256 new random bits."""
        ...


class SystemIds:
    """Ids and secrets from the machine's random source."""

    def uuid(self) -> UUID:
        """A new random UUIDv4 (RFC 9562)."""
        return uuid4()

    def secret(self) -> bytes:
        """256 new random bits."""
        return secrets.token_bytes(32)

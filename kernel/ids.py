"""The source of ids and secrets; tests pass their own.

Ids are made before a transaction begins, never inside it: a transaction may run more than once.
"""

import secrets
from typing import Protocol
from uuid import UUID, uuid4


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

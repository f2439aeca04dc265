"""A write that may come again. It stands alone, so that a caller's identity can name it."""

from dataclasses import dataclass

from kernel.errors import IdempotencyKeyInvalid

KEY_CHARS = 128


@dataclass(frozen=True, slots=True)
class IdempotentRequest:
    """One write that may come again.

    Attributes:
        caller: Who sends it; never two callers under one name. The caller's limit counts it.
        method: The full name of the rpc.
        key: The idempotency key, chosen by the caller.
        digest: A keyed digest of the request.
        others: The same by keys that were in force before, or will be: a repeat may come while
            they change.
        scope: Where the same request means something else: the tenant that it acts in; or empty.

    Raises:
        IdempotencyKeyInvalid: The key is not 1 to 128 printable ASCII characters.
    """

    caller: str
    method: str
    key: str
    digest: bytes
    others: tuple[bytes, ...] = ()
    scope: str = ""

    @property
    def digests(self) -> tuple[bytes, ...]:
        """All of them, the one that is kept first."""
        return (self.digest, *self.others)

    def __post_init__(self) -> None:
        fits = 1 <= len(self.key) <= KEY_CHARS
        if not (fits and self.key.isascii() and self.key.isprintable()):
            raise IdempotencyKeyInvalid

"""The store: a port, its backend, and the few patterns that every context needs on top of it.

`open_store(url)` gives a `Store`; a transaction is an `async def` that takes a `Read` or a `Write`
first. `Subspace` makes keys. Paging, idempotency, expiry and the outbox are modules of their own.
"""

from kernel import third_party
from kernel.storage.keys import Element, Subspace
from kernel.storage.limits import (
    KEY_BYTES,
    RANGE_ROWS,
    TRANSACTION_BYTES,
    TRANSACTION_SECONDS,
    VALUE_BYTES,
    counted,
)
from kernel.storage.open import open_store
from kernel.storage.port import (
    ForeignAwait,
    LimitExceeded,
    Read,
    Store,
    StoreOpenFailed,
    TransactionEnded,
    Write,
)

assert third_party, "adjusts the binding before any module of this package imports it"

__all__ = [
    "KEY_BYTES",
    "RANGE_ROWS",
    "TRANSACTION_BYTES",
    "TRANSACTION_SECONDS",
    "VALUE_BYTES",
    "Element",
    "ForeignAwait",
    "LimitExceeded",
    "Read",
    "Store",
    "StoreOpenFailed",
    "Subspace",
    "TransactionEnded",
    "Write",
    "counted",
    "open_store",
]

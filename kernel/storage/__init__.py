"""The store: a port, its backends, and the recipes that contexts use on top of it.

`open_store(url)` returns a `Store`; a transaction is an `async def` whose first argument is a
`Read` or a `Write`. `Subspace` makes keys. Paging, idempotency, expiry and the outbox are separate
modules.
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
from kernel.storage.open import check_address, open_store
from kernel.storage.port import (
    ForeignAwait,
    LimitExceeded,
    Read,
    Store,
    StoreOpenFailed,
    TransactionEnded,
    Transactions,
    Usage,
    Write,
)
from kernel.storage.recipes.backlog import BACKLOG_ROWS, Backlog, Backlogged

assert third_party, "adjusts the binding before any module of this package imports it"

__all__ = [
    "BACKLOG_ROWS",
    "KEY_BYTES",
    "RANGE_ROWS",
    "TRANSACTION_BYTES",
    "TRANSACTION_SECONDS",
    "VALUE_BYTES",
    "Backlog",
    "Backlogged",
    "Element",
    "ForeignAwait",
    "LimitExceeded",
    "Read",
    "Store",
    "StoreOpenFailed",
    "Subspace",
    "TransactionEnded",
    "Transactions",
    "Usage",
    "Write",
    "check_address",
    "counted",
    "open_store",
]

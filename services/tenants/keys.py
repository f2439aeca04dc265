"""The subspace of tenants, ("tenants", ...), and what all its capabilities share.

Each capability declares its own families in its repository; docs/keyspace.md lists them all.
"""

from kernel.storage.keys import Keyspace
from kernel.storage.recipes.idempotency import Idempotency

TENANTS = Keyspace("tenants")
IDEMPOTENCY = Idempotency(TENANTS["idempotency"], kept_bytes=200)
"""What repeated calls need. The largest record keeps the sealed token of an invitation."""

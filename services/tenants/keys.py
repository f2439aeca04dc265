"""The subspace of tenants, ("tenants", ...), and what all its capabilities share.

Each capability declares its own families in its repository; docs/keyspace.md lists them all.
"""

from kernel.storage.keys import Keyspace
from kernel.storage.recipes.idempotency import Idempotency

TENANTS = Keyspace("tenants")
IDEMPOTENCY = Idempotency(TENANTS["idempotency"], answer_bytes=2_710)
"""The answers for repeated calls. The largest is a tenant with one of its members."""

"""The subspace of tenants: ("tenants", ...). Ids are UUIDs; docs/keyspace.md draws it."""

from kernel.storage.keys import Keyspace
from kernel.storage.recipes.idempotency import Idempotency

TENANTS = Keyspace("tenants")
IDEMPOTENCY = Idempotency(TENANTS["idempotency"], answer_bytes=2_710)
"""What a repeated call gets. The largest answer is a tenant with one of its members."""

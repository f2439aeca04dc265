"""The subspace of auth: ("auth", ...). Ids are UUIDs. docs/keyspace.md lists its families."""

from kernel.storage.keys import Keyspace
from kernel.storage.recipes.idempotency import Idempotency

AUTH = Keyspace("auth")

IDEMPOTENCY = Idempotency(AUTH["idempotency"], kept_bytes=130)
"""The largest record keeps a registration, see accounts/repository.py."""

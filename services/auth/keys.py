"""The subspace of auth: ("auth", ...). Ids are UUIDs. docs/keyspace.md lists its families."""

from kernel.storage.keys import Keyspace
from kernel.storage.recipes.idempotency import Idempotency

AUTH = Keyspace("auth")

IDEMPOTENCY = Idempotency(AUTH["idempotency"], answer_bytes=3_200)

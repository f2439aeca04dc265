"""The subspace of auth: ("auth", ...). Ids are UUIDs; docs/keyspace.md draws it."""

from uuid import UUID

from kernel.storage.families import (
    Family,
    record,
    uuid,
)
from kernel.storage.keys import Keyspace
from kernel.storage.recipes.expiry import Expiry
from kernel.storage.recipes.idempotency import Idempotency

AUTH = Keyspace("auth")

LOGIN = Family[UUID, UUID](
    AUTH["login"],
    uuid("user_id"),
    uuid("login_id"),
    value=record("coditect.auth.records.v1.LoginRecord", 1_700),
    life="until it is ended, LOGIN_IDLE_SECONDS after its last use, LOGIN_LIFE_SECONDS at most",
)
LOGIN_EXPIRY = Expiry(AUTH["login_expiry"], of=LOGIN)
IDEMPOTENCY = Idempotency(AUTH["idempotency"], answer_bytes=3_200)

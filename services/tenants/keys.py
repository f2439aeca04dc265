"""The subspace of tenants: ("tenants", ...). Ids are UUIDs; docs/keyspace.md draws it."""

from datetime import timedelta
from uuid import UUID

from kernel.emails import NORMALIZED_EMAIL_BYTES
from kernel.storage.families import (
    COUNTER,
    EMPTY,
    Commit,
    Family,
    Part,
    Value,
    commit,
    digest,
    record,
    text,
    uuid,
)
from kernel.storage.keys import Keyspace
from kernel.storage.recipes.expiry import Expiry
from kernel.storage.recipes.idempotency import Idempotency
from kernel.storage.recipes.work_queue import WorkQueue

_INVITATION_BYTES = 1_000

TENANTS = Keyspace("tenants")
INVITATION = Family[UUID, UUID](
    TENANTS["invitation"],
    uuid("tenant_id"),
    uuid("invitation_id"),
    value=record("coditect.tenants.records.v1.InvitationRecord", _INVITATION_BYTES),
    life="until it is accepted or withdrawn, INVITATION_DAYS at most",
)
INVITATION_EXPIRY = Expiry(TENANTS["invitation_expiry"], of=INVITATION)
INVITATION_TOKEN = Family[bytes](
    TENANTS["invitation_token"],
    digest("token_hash", 32),
    value=Value("the ids of tenant and invitation", 32),
    life="as the invitation",
    of=INVITATION,
)
INVITATION_EMAIL = Family[UUID, str](
    TENANTS["invitation_email"],
    uuid("tenant_id"),
    text("normalized_email", NORMALIZED_EMAIL_BYTES),
    value=Value("the invitation's id", 16),
    life="as the invitation",
    of=INVITATION,
)
INVITATION_OF = Family[UUID, UUID, UUID](
    TENANTS["invitation_of"],
    uuid("inviter_id"),
    uuid("tenant_id"),
    uuid("invitation_id"),
    value=EMPTY,
    life="as the invitation",
    of=INVITATION,
)
INVITATION_COUNT = Family[UUID](
    TENANTS["invitation_count"],
    uuid("tenant_id"),
    value=COUNTER,
    life="as the invitations of the tenant",
    of=INVITATION,
)
# By day, so that a sweep finds what is over; of whom only a digest, because many an address is that
# of somebody who never comes.
EMAIL_COUNT = Family[int, bytes](
    TENANTS["invitation_email_count"],
    Part("day", int, 5),
    digest("who_digest", 32),
    value=COUNTER,
    life="two days, from the first mail of a day to an address or from a user",
)
AUDIT = Family[UUID, Commit](
    TENANTS["audit"],
    uuid("tenant_id"),
    commit("commit"),
    value=record("coditect.tenants.records.v1.AuditRecord", 3_000),
    life="AUDIT_DAYS, at most as the tenant",
)
# Who did something in a tenant or had it done to it, found from either side: a deleted user is taken
# out of all logs, and a deleted organization leaves nothing with those who were in it.
AUDIT_OF = Family[UUID, UUID](
    TENANTS["audit_of"],
    uuid("user_id"),
    uuid("tenant_id"),
    value=Value("the key of the last entry that a deleted user is taken out of", AUDIT.key_bytes),
    life="until the user or the organization is gone",
    of=AUDIT,
)
AUDIT_USER = Family[UUID, UUID](
    TENANTS["audit_user"],
    uuid("tenant_id"),
    uuid("user_id"),
    value=EMPTY,
    life="until the user or the organization is gone",
    of=AUDIT,
)
# An entry cannot be told from outside of its transaction, because its key is made by the commit.
# A day of a tenant can, and is enough to find what is old.
AUDIT_DAY = Family[int, UUID](
    TENANTS["audit_day"],
    Part("day", int, 5),
    uuid("tenant_id"),
    value=EMPTY,
    life="as the entries of that day",
    of=AUDIT,
)
# After so many days mail servers give up as well (RFC 5321, section 4.5.4.1).
MAIL = WorkQueue(
    TENANTS["mail"],
    record("coditect.tenants.records.v1.InvitationEmailRecord", 400),
    age=timedelta(days=5),
)
"""Who is to be mailed."""
IDEMPOTENCY = Idempotency(TENANTS["idempotency"], answer_bytes=2_710)
"""What a repeated call gets. The largest answer is a tenant with one of its members."""

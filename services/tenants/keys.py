"""The subspace of tenants: ("tenants", ...). Ids are UUIDs; docs/keyspace.md draws it."""

from datetime import timedelta
from uuid import UUID

from kernel.emails import NORMALIZED_EMAIL_BYTES
from kernel.storage.families import COUNTER, EMPTY, Family, Part, Value, digest, record, text, uuid
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
# After so many days mail servers give up as well (RFC 5321, section 4.5.4.1).
MAIL = WorkQueue(
    TENANTS["mail"],
    record("coditect.tenants.records.v1.InvitationEmailRecord", 400),
    age=timedelta(days=5),
)
"""Who is to be mailed."""
IDEMPOTENCY = Idempotency(TENANTS["idempotency"], answer_bytes=2_710)
"""What a repeated call gets. The largest answer is a tenant with one of its members."""

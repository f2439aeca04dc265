"""Damage to organizations, their members and invitations."""

from coditect.storage.v1 import storage_pb2
from coditect.tenants.records.v1 import invitations_pb2 as tenants_invitations_pb2
from coditect.tenants.records.v1 import memberships_pb2 as tenants_memberships_pb2
from coditect.tenants.records.v1 import organizations_pb2 as tenants_organizations_pb2
from coditect.tenants.records.v1 import revocations_pb2 as tenants_revocations_pb2
from coditect.tenants.records.v1.operator_events_pb2 import OperatorEventRecord
from kernel.clock import day_of
from kernel.storage.recipes.expiry import milliseconds
from services.tenants.audit import repository as audit
from services.tenants.invitations import repository as invitations
from services.tenants.memberships import repository as memberships
from services.tenants.operator_events import repository as operator_events
from services.tenants.organizations import repository as organizations
from services.tenants.revocations import repository as revocations
from tests.ops.doctor.damage import LATE, STRANGER, Damage, edit, fixed, own_key
from tests.ops.doctor.environment import Environment
from tests.support.clock import START


def invitation_key(environment: Environment) -> bytes:
    """The invitation to Ada's organization."""
    return invitations.INVITATION.key(environment.acme_id, environment.invitation.invitation_id)


def no_row(family: str, index: str) -> tuple[str, str]:
    """The finding for a record without a row in an index."""
    return family, f"has no row of its own in {index}"


def no_record(family: str, index: str) -> tuple[str, str]:
    """The finding for a row of an index without a record."""
    return index, f"leads to no record of {family} that it finds"


def not_counted(family: str, counters: str) -> tuple[str, str]:
    """The finding for a record without a counter."""
    return family, f"is not counted in {counters}"


def miscounted(rows: str, counters: str) -> tuple[str, str]:
    """The finding for a counter with a wrong number."""
    return counters, f"is not the number of the rows of {rows} that it counts"


ACME = own_key(memberships.TENANT, "acme_id")
ACME_OWNER = own_key(memberships.MEMBER, "acme_id", "user_id")
ACME_COUNT = own_key(memberships.MEMBER_COUNT, "acme_id")
INVITATION_COUNT = own_key(invitations.INVITATION_COUNT, "acme_id")

AUDIT_OF = own_key(audit.AUDIT_BY_USER, "user_id", "acme_id")
AUDIT_USER = own_key(audit.AUDIT_USER, "acme_id", "user_id")

NO_OWNER = ("tenants/tenant", "has no owner")
NO_SLUG = no_row("tenants/tenant", "tenants/slug")
NO_TENANT_OF_SLUG = no_record("tenants/tenant", "tenants/slug")
NO_MEMBER_COUNT = ("tenants/tenant", "has no count of its members")
NOT_COUNTED_MEMBER = not_counted("tenants/member", "tenants/member_count")
MISCOUNTED_MEMBERS = miscounted("tenants/member", "tenants/member_count")
NO_TENANT_OF_MEMBER = ("tenants/member", "has no tenant")
NO_TENANT_OF_SESSION = (
    "sessions/tenant/session",
    "has no tenant, no task about its user and no pending deletion",
)
NO_ROLE_ROW = no_row("tenants/member", "tenants/member_by_role")
NO_MEMBER_EMAIL = no_row("tenants/member", "tenants/member_by_email")
NO_MEMBER_OF_EMAIL = no_record("tenants/member", "tenants/member_by_email")
NO_MEMBER_OF_ROLE = no_record("tenants/member", "tenants/member_by_role")
NO_USER_ROW = no_row("tenants/member", "tenants/member_by_user")
NO_MEMBER_OF_USER = no_record("tenants/member", "tenants/member_by_user")
NO_TOKEN = no_row("tenants/invitation", "tenants/invitation_by_token")
NO_INVITATION_OF_TOKEN = no_record("tenants/invitation", "tenants/invitation_by_token")
NO_ADDRESS = no_row("tenants/invitation", "tenants/invitation_by_email")
NO_INVITATION_OF_EMAIL = no_record("tenants/invitation", "tenants/invitation_by_email")
NO_INVITER = no_row("tenants/invitation", "tenants/invitation_by_inviter")
NO_INVITATION_OF_INVITER = no_record("tenants/invitation", "tenants/invitation_by_inviter")
NO_TIME = no_row("tenants/invitation", "tenants/invitation_by_time")
NO_INVITATION_OF_TIME = no_record("tenants/invitation", "tenants/invitation_by_time")
NO_INVITATION_ENTRY = ("tenants/invitation", "has no expiry entry")
NO_INVITATION_TO_EXPIRE = ("tenants/invitation_expiry", "has no row that expires then")
NO_INVITATION_COUNT = not_counted("tenants/invitation", "tenants/invitation_count")
NO_AUDIT_OF = ("tenants/audit", "has no row that finds it from its users")
NO_AUDIT_USER = ("tenants/audit_by_user", "has no row that finds it from the tenant")
NO_USER_OF_LOG = ("tenants/audit_user", "has no row that finds it from the user")
NO_LOSS = "is not an access revocation that was counted"
MISINVITED = miscounted("tenants/invitation", "tenants/invitation_count")

OF_ORGANIZATIONS = [
    Damage(
        "no organization",
        ACME,
        None,
        {
            NO_TENANT_OF_MEMBER,
            NO_TENANT_OF_SLUG,
            NO_TENANT_OF_SESSION,
            ("tenants/audit", "has no tenant"),
            ("tenants/audit_user", "has no tenant"),
            ("tenants/epoch", "has no organization"),
            ("tenants/invitation", "has no tenant"),
            ("tenants/webhook", "has no tenant"),
        },
    ),
    Damage(
        "a different slug",
        ACME,
        edit(tenants_memberships_pb2.TenantRecord, slug="other"),
        {NO_SLUG, NO_TENANT_OF_SLUG},
    ),
    Damage("no slug", fixed(memberships.SLUG.key("acme")), None, {NO_SLUG}),
    Damage(
        "a slug of an unknown tenant",
        fixed(memberships.SLUG.key("other")),
        STRANGER.bytes,
        {NO_TENANT_OF_SLUG},
    ),
    Damage("a missing member count", ACME_COUNT, None, {NO_MEMBER_COUNT, NOT_COUNTED_MEMBER}),
    Damage("a wrong member count", ACME_COUNT, (7).to_bytes(8, "little"), {MISCOUNTED_MEMBERS}),
    Damage(
        "a missing membership of the owner",
        ACME_OWNER,
        None,
        {
            NO_OWNER,
            MISCOUNTED_MEMBERS,
            NO_MEMBER_OF_ROLE,
            NO_MEMBER_OF_EMAIL,
            NO_MEMBER_OF_USER,
        },
    ),
    Damage(
        "an owner changed to an admin",
        ACME_OWNER,
        edit(tenants_memberships_pb2.MemberRecord, role="admin"),
        {NO_OWNER, NO_ROLE_ROW, NO_MEMBER_OF_ROLE},
    ),
    Damage(
        "a missing role row",
        lambda environment: memberships.MEMBER_BY_ROLE.key(
            environment.acme_id, 3, milliseconds(START), environment.user_id
        ),
        None,
        {NO_ROLE_ROW},
    ),
    Damage(
        "a different join time",
        ACME_OWNER,
        edit(tenants_memberships_pb2.MemberRecord, join_time=LATE),
        {NO_ROLE_ROW, NO_MEMBER_OF_ROLE},
    ),
    Damage(
        "a different address of a member",
        ACME_OWNER,
        edit(tenants_memberships_pb2.MemberRecord, normalized_email="other@example.com"),
        {NO_MEMBER_EMAIL, NO_MEMBER_OF_EMAIL},
    ),
    Damage(
        "a different inviter of a promise",
        own_key(memberships.MEMBER, "acme_id", "promised_id"),
        edit(
            tenants_memberships_pb2.MemberRecord,
            promise=tenants_memberships_pb2.RolePromise(inviter_id=str(STRANGER)),
        ),
        {
            no_row("tenants/member", "tenants/member_by_promiser"),
            no_record("tenants/member", "tenants/member_by_promiser"),
        },
    ),
    Damage(
        "a deleted organization that still exists",
        own_key(memberships.DELETED_TENANT, "acme_id"),
        b"",
        {("tenants/deleted_tenant", "is there all the same")},
    ),
    Damage(
        "a missing day row of an audit entry",
        lambda environment: audit.AUDIT_BY_DAY.key(day_of(START), environment.acme_id),
        None,
        {("tenants/audit", "has no row of its day")},
    ),
    Damage("no audit row of a user", AUDIT_OF, None, {NO_AUDIT_OF, NO_USER_OF_LOG}),
    Damage("no user row of an audit log", AUDIT_USER, None, {NO_AUDIT_USER}),
    Damage(
        "a user row of an unknown audit log",
        lambda environment: audit.AUDIT_USER.key(STRANGER, environment.user_id),
        b"",
        {("tenants/audit_user", "has no tenant"), NO_USER_OF_LOG},
    ),
    Damage(
        "an epoch of an unknown tenant",
        fixed(revocations.EPOCH.key(STRANGER)),
        bytes(8),
        {("tenants/epoch", "has no organization")},
    ),
    Damage(
        "an epoch of a self-tenant",
        own_key(revocations.EPOCH, "tenant_id"),
        bytes(8),
        {("tenants/epoch", "has no organization")},
    ),
    Damage(
        "an epoch older than a pending revocation",
        own_key(revocations.EPOCH, "acme_id"),
        bytes(8),
        {("tenants/token_revocations/row", NO_LOSS)},
    ),
    Damage(
        "no invitation",
        invitation_key,
        None,
        {
            NO_INVITATION_OF_TOKEN,
            NO_INVITATION_OF_EMAIL,
            NO_INVITATION_OF_INVITER,
            NO_INVITATION_OF_TIME,
            NO_INVITATION_TO_EXPIRE,
            MISINVITED,
        },
    ),
    Damage(
        "a different token",
        invitation_key,
        edit(tenants_invitations_pb2.InvitationRecord, token_hash=b"other"),
        {NO_TOKEN, NO_INVITATION_OF_TOKEN},
    ),
    Damage(
        "a different address of an invitation",
        invitation_key,
        edit(tenants_invitations_pb2.InvitationRecord, normalized_email="other@example.com"),
        {NO_ADDRESS, NO_INVITATION_OF_EMAIL},
    ),
    Damage(
        "a different inviter",
        invitation_key,
        edit(tenants_invitations_pb2.InvitationRecord, inviter_id=str(STRANGER)),
        {NO_INVITER, NO_INVITATION_OF_INVITER},
    ),
    Damage(
        "a different expiry of an invitation",
        invitation_key,
        edit(tenants_invitations_pb2.InvitationRecord, expire_time=LATE),
        {NO_INVITATION_ENTRY, NO_INVITATION_TO_EXPIRE, NO_TIME, NO_INVITATION_OF_TIME},
    ),
    Damage("a missing invitation count", INVITATION_COUNT, None, {NO_INVITATION_COUNT}),
    Damage(
        "a wrong invitation count",
        INVITATION_COUNT,
        (7).to_bytes(8, "little"),
        {MISINVITED},
    ),
    *(
        Damage(
            f"{name} in {outbox.rows}",
            outbox.rows,
            edit(tenants_revocations_pb2.AccessRevocationRecord, **values),
            {(outbox.rows.name, NO_LOSS)},
        )
        for outbox in (revocations.TOKEN_REVOCATIONS, revocations.SESSION_REVOCATIONS)
        for name, values in {
            "a revocation with a future epoch": {"tenant_epoch": 100},
            "a revocation with a negative epoch": {"tenant_epoch": -1},
        }.items()
    ),
    *(
        Damage(
            f"a revocation with a malformed {field} in {outbox.rows}",
            outbox.rows,
            edit(tenants_revocations_pb2.AccessRevocationRecord, **{field: "Ada"}),
            {(outbox.rows.name, NO_LOSS), *more},
        )
        # An unreadable session revocation excuses no session.
        for outbox, more in (
            (revocations.TOKEN_REVOCATIONS, ()),
            (revocations.SESSION_REVOCATIONS, (NO_TENANT_OF_SESSION,)),
        )
        for field in ("tenant_id", "user_id")
    ),
    *(
        Damage(
            f"a notice of a deleted organization {name}",
            organizations.TENANT_ERASURES.rows,
            edit(tenants_organizations_pb2.TenantErasureRecord, tenant_id=tenant_id),
            {("tenants/tenant_erasures/row", "is no notice of a deleted organization")},
        )
        for name, tenant_id in {
            "with a malformed id": "Acme",
            "with an id in another spelling": STRANGER.hex,
        }.items()
    ),
    Damage(
        "an active tenant that an operator has suspended",
        memberships.TENANT,
        edit(tenants_memberships_pb2.TenantRecord, suspended_by_operator=True),
        {(memberships.TENANT.name, "is active though an operator has suspended it")},
    ),
    *(
        Damage(
            f"an act of an operator {name}",
            operator_events.OPERATOR_EVENTS.rows,
            value,
            {("tenants/operator_events/row", "is not an act of an operator")},
        )
        for name, value in {
            "without values": b"",
            "of an unknown kind": edit(OperatorEventRecord, act="unknown"),
        }.items()
    ),
    Damage(
        "an organization of which auth was told that it is deleted",
        lambda environment: memberships.DELETED_TENANT.key(environment.purged_id),
        b"",
        {("tenants/tenant_erasures/row", "is no notice of a deleted organization")},
    ),
    *(
        Damage(
            f"a task about a proof {name}",
            invitations.EMAIL_PROOFS.rows,
            payload.SerializeToString(),
            {("tenants/email_proofs/row", "is no task about the proof of an address")},
        )
        for name, payload in {
            "with a malformed user id": tenants_invitations_pb2.EmailProofRecord(
                promised={"user_id": "Ada"}
            ),
            "without an address": tenants_invitations_pb2.EmailProofRecord(
                proved={"user_id": str(STRANGER)}
            ),
            "of an unknown kind": tenants_invitations_pb2.EmailProofRecord(),
        }.items()
    ),
    *(
        Damage(
            f"an invitation email {name}",
            invitations.INVITATION_EMAILS.rows,
            edit(storage_pb2.WorkItem, payload=payload),
            {("tenants/invitation_emails/row", "is no email of an invitation")},
        )
        for name, payload in {
            "with a malformed inviter id": tenants_invitations_pb2.InvitationEmailRecord(
                inviter_id="Ada"
            ).SerializeToString(),
            "that is not a record": b"\xff",
        }.items()
    ),
]

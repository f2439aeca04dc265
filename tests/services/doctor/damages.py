"""What can go wrong with organisations, their members and invitations."""

from coditect.tenants.records.v1 import records_pb2 as tenants_records
from services.tenants import keys as tenants
from services.tenants.audit_repository import day_of
from tests.services.doctor.damage import LATE, STRANGER, Damage, edit, fixed, own_key
from tests.services.doctor.world import World
from tests.support.clock import START


def invitation_key(world: World) -> bytes:
    """The invitation to Ada's organisation."""
    return tenants.INVITATION.key(world.acme_id, world.invitation.invitation_id)


ACME = own_key(tenants.TENANT, "acme_id")
ACME_OWNER = own_key(tenants.MEMBER, "acme_id", "user_id")
ACME_COUNT = own_key(tenants.MEMBER_COUNT, "acme_id")
INVITATION_COUNT = own_key(tenants.INVITATION_COUNT, "acme_id")

NO_OWNER = ("tenants/tenant", "has no owner")
NO_SLUG = ("tenants/tenant", "has no row of its slug that points back")
NO_TENANT_OF_SLUG = ("tenants/slug", "has no organisation of that slug")
NO_MEMBER_COUNT = ("tenants/tenant", "has no count of its members")
MISCOUNTED_MEMBERS = ("tenants/member_count", "is not the number of the members")
NO_TENANT_OF_MEMBER = ("tenants/member", "has no tenant")
NO_LEADER = ("tenants/member", "has no row among the leaders")
NO_MEMBER_EMAIL = ("tenants/member", "has no row that finds it from the e-mail address")
NO_MEMBER_OF_EMAIL = ("tenants/member_email", "has no member of that e-mail address")
NO_MEMBER_OF_ROLE = ("tenants/leader", "has no member of that role")
NO_TOKEN = ("tenants/invitation", "has no row of its token that points back")
NO_INVITATION_OF_TOKEN = ("tenants/invitation_token", "has no invitation of that token")
NO_ADDRESS = ("tenants/invitation", "has no row of its e-mail address that points back")
NO_INVITATION_OF_EMAIL = ("tenants/invitation_email", "has no invitation to that e-mail address")
NO_INVITATION_ENTRY = ("tenants/invitation", "has no expiry entry")
NO_INVITATION_TO_EXPIRE = ("tenants/invitation_expiry", "has no row that ends then")
NO_INVITATION_COUNT = ("tenants/invitation", "has no count of the tenant's invitations")
MISINVITED = ("tenants/invitation_count", "is not the number of the invitations")

OF_ORGANISATIONS = [
    Damage(
        "no organisation",
        ACME,
        None,
        {
            NO_TENANT_OF_MEMBER,
            NO_TENANT_OF_SLUG,
            ("tenants/audit", "has no tenant"),
            ("tenants/invitation", "has no tenant"),
        },
    ),
    Damage(
        "another slug",
        ACME,
        edit(tenants_records.TenantRecord, slug="other"),
        {NO_SLUG, NO_TENANT_OF_SLUG},
    ),
    Damage("no slug", fixed(tenants.SLUG.key("acme")), None, {NO_SLUG}),
    Damage(
        "a slug of nobody's",
        fixed(tenants.SLUG.key("other")),
        STRANGER.bytes,
        {NO_TENANT_OF_SLUG},
    ),
    Damage("no count of members", ACME_COUNT, None, {NO_MEMBER_COUNT}),
    Damage("another count of members", ACME_COUNT, (7).to_bytes(8, "little"), {MISCOUNTED_MEMBERS}),
    Damage(
        "no membership of an owner",
        ACME_OWNER,
        None,
        {
            NO_OWNER,
            MISCOUNTED_MEMBERS,
            NO_MEMBER_OF_ROLE,
            NO_MEMBER_OF_EMAIL,
            ("tenants/of_user", "has no membership"),
        },
    ),
    Damage(
        "an admin among the owners",
        ACME_OWNER,
        edit(tenants_records.MemberRecord, role="admin"),
        {NO_OWNER, NO_LEADER, NO_MEMBER_OF_ROLE},
    ),
    Damage(
        "no leader",
        lambda world: tenants.LEADER.key(world.acme_id, 3, world.user_id),
        None,
        {NO_LEADER},
    ),
    Damage(
        "another address of a member",
        ACME_OWNER,
        edit(tenants_records.MemberRecord, folded_email="other@example.com"),
        {NO_MEMBER_EMAIL, NO_MEMBER_OF_EMAIL},
    ),
    Damage(
        "an organisation that is gone and there",
        own_key(tenants.GONE, "acme_id"),
        b"",
        {("tenants/gone", "is there all the same")},
    ),
    Damage(
        "no day of what was done",
        lambda world: tenants.AUDIT_DAY.key(day_of(START), world.acme_id),
        None,
        {("tenants/audit", "has no row of its day")},
    ),
    Damage(
        "no invitation",
        invitation_key,
        None,
        {NO_INVITATION_OF_TOKEN, NO_INVITATION_OF_EMAIL, NO_INVITATION_TO_EXPIRE, MISINVITED},
    ),
    Damage(
        "another token",
        invitation_key,
        edit(tenants_records.InvitationRecord, token_hash=b"other"),
        {NO_TOKEN, NO_INVITATION_OF_TOKEN},
    ),
    Damage(
        "another address of an invitation",
        invitation_key,
        edit(tenants_records.InvitationRecord, folded_email="other@example.com"),
        {NO_ADDRESS, NO_INVITATION_OF_EMAIL},
    ),
    Damage(
        "another end of an invitation",
        invitation_key,
        edit(tenants_records.InvitationRecord, expire_time=LATE),
        {NO_INVITATION_ENTRY, NO_INVITATION_TO_EXPIRE},
    ),
    Damage("no count of invitations", INVITATION_COUNT, None, {NO_INVITATION_COUNT}),
    Damage(
        "another count of invitations",
        INVITATION_COUNT,
        (7).to_bytes(8, "little"),
        {MISINVITED},
    ),
    Damage(
        "news of nothing",
        tenants.OUTBOX.rows,
        tenants_records.OutboxRecord(membership_ended={"tenant_id": "Acme"}).SerializeToString(),
        {("tenants/outbox/row", "is no news of a tenant")},
    ),
    Damage(
        "a mail of nobody's",
        tenants.MAIL.rows,
        edit(tenants_records.MailRecord, inviter_id="Ada"),
        {("tenants/mail/row", "is no mail of an invitation")},
    ),
]

"""Damage to each kind of row, with what the doctor must report."""

from coditect.auth.records.v1 import logins_pb2 as auth_logins_pb2
from coditect.auth.records.v1 import notifications_pb2 as auth_notifications_pb2
from coditect.auth.records.v1 import signing_keys_pb2 as auth_signing_keys_pb2
from coditect.auth.records.v1 import users_pb2 as auth_users_pb2
from coditect.identity.v1 import revocations_pb2
from coditect.sessions.records.v1 import sessions_pb2 as sessions_sessions_pb2
from coditect.storage.v1 import storage_pb2
from coditect.tenants.records.v1 import audit_pb2 as tenants_audit_pb2
from coditect.tenants.records.v1 import memberships_pb2 as tenants_memberships_pb2
from kernel.storage import Subspace
from services.auth import keys as auth
from services.auth.logins import repository as auth_logins
from services.auth.notifications import repository as auth_notifications
from services.auth.outbox import repository as auth_outbox
from services.auth.revocations import repository as auth_revocations
from services.auth.signing_keys import repository as auth_signing_keys
from services.auth.users import repository as auth_users
from services.sessions import keys as sessions
from services.sessions import repository as sessions_repository
from services.tenants.audit import repository as audit
from services.tenants.memberships import repository as memberships
from tests.ops.doctor.account_damages import OF_ACCOUNTS
from tests.ops.doctor.audit_event_damages import OF_AUDIT_EVENTS
from tests.ops.doctor.authorization_damages import OF_AUTHORIZATIONS
from tests.ops.doctor.client_damages import OF_CLIENTS
from tests.ops.doctor.damage import LATE, STRANGER, Damage, edit, fixed, own_key
from tests.ops.doctor.device_damages import OF_DEVICES
from tests.ops.doctor.environment import Environment
from tests.ops.doctor.factor_damages import NO_FACTORS_OF_CODES, NO_FACTORS_OF_RECOVERY, OF_FACTORS
from tests.ops.doctor.operator_damages import OF_OPERATORS
from tests.ops.doctor.organization_damages import (
    MISCOUNTED_MEMBERS,
    NO_MEMBER_OF_EMAIL,
    NO_MEMBER_OF_ROLE,
    NO_MEMBER_OF_USER,
    NO_OWNER,
    NO_TENANT_OF_SESSION,
    NO_USER_ROW,
    OF_ORGANIZATIONS,
    miscounted,
    no_record,
    no_row,
    not_counted,
)
from tests.ops.doctor.security_log_damages import OF_SECURITY_LOGS
from tests.ops.doctor.token_damages import OF_TOKENS
from tests.ops.doctor.webhook_damages import OF_WEBHOOKS
from tests.ops.doctor.workspace_damages import OF_WORKSPACES


def session_key(environment: Environment) -> bytes:
    """The key of Ada's session."""
    return sessions.SESSION.key(environment.tenant_id, environment.session.session_id)


def member_session_key(environment: Environment) -> bytes:
    """The key of a session of the member who left Ada's organization and came back."""
    return sessions.SESSION.key(environment.acme_id, environment.member_session.session_id)


def place_key(environment: Environment) -> bytes:
    """The key of the row that names the tenant and owner of Ada's session."""
    return sessions.SESSION_OWNER.key(environment.session.session_id)


def of_user_key(environment: Environment) -> bytes:
    """The key of the index row from Ada to Ada's session."""
    return sessions_repository.SESSION_BY_USER.key(
        environment.tenant_id, environment.user_id, environment.session.session_id
    )


USER = own_key(auth_users.USER, "user_id")
EMAIL = fixed(auth_users.EMAIL.key("ada@example.com"))
LOGIN = own_key(auth_logins.LOGIN, "user_id", "login_id")
TENANT = own_key(memberships.TENANT, "tenant_id")
MEMBER = own_key(memberships.MEMBER, "tenant_id", "user_id")
OF_USER = own_key(memberships.MEMBER_BY_USER, "user_id", "tenant_id")
COUNT = own_key(sessions_repository.SESSION_COUNT, "user_id", "tenant_id")

NO_EMAIL = ("auth/user", "has no row of its own in auth/email")
NO_USER_OF_EMAIL = ("auth/email", "leads to no record of auth/user that it finds")
NO_OWN_TENANT = ("auth/user", "has no self-tenant that the user owns, and no task that makes it")
NAMES_MISSING_USER = ("tenants/audit", "names a missing user, and no task erases it")
NO_ROW_OF_NAMED = ("tenants/audit", "has no row that finds it from its users")
NO_LOGIN_ENTRY = ("auth/login", "has no expiry entry")
NO_LOGIN = ("auth/login_expiry", "has no row that expires then")
NO_PLACE = ("sessions/tenant/session", "has no row of its owner")
NO_ROW_OF_USER = ("sessions/tenant/session", "has no row of its own in sessions/user")
NO_ROW_OF_ACTIVITY = no_row("sessions/tenant/session", "sessions/activity")
NO_SESSION_OF_ACTIVITY = no_record("sessions/tenant/session", "sessions/activity")
NO_SESSION_ENTRY = ("sessions/tenant/session", "has no expiry entry")
NO_SESSION_AT_PLACE = ("sessions/session", "has no session of that owner")
NO_MEMBERSHIP = (
    "sessions/tenant/session",
    "has no membership of its user, no task about the user and no pending revocation",
)
NOT_COUNTED = not_counted("sessions/tenant/session", "sessions/count")
MISCOUNTED = miscounted("sessions/user", "sessions/count")
TOO_OLD = "is older than a tombstone, and has no pending revocation"
STRAY = ("", "belongs to no declared family")

DAMAGES = [
    *OF_ACCOUNTS,
    *OF_FACTORS,
    *OF_DEVICES,
    *OF_CLIENTS,
    *OF_AUDIT_EVENTS,
    *OF_AUTHORIZATIONS,
    *OF_ORGANIZATIONS,
    *OF_SECURITY_LOGS,
    *OF_TOKENS,
    *OF_OPERATORS,
    *OF_WEBHOOKS,
    *OF_WORKSPACES,
    Damage("a key of an undeclared family", fixed(Subspace(("other",)).pack((1,))), b"", {STRAY}),
    Damage("a key that is not a tuple", fixed(b"zzz"), b"", {STRAY}),
    Damage("a text as an id", fixed(auth_users.USER.space.pack(("Ada",))), b"", {STRAY}),
    Damage("an extra key part", fixed(auth_users.USER.space.pack((STRANGER, 1))), b"", {STRAY}),
    Damage(
        "a key that is too large",
        fixed(auth_users.EMAIL.key("x" * 450)),
        b"",
        {("auth/email", "has a larger key than declared")},
    ),
    Damage(
        "a value in an index row",
        OF_USER,
        b"x",
        {("tenants/member_by_user", "has a larger value than declared"), NO_USER_ROW},
    ),
    Damage(
        "a malformed counter",
        fixed(auth_revocations.REVOCATION_HEAD.key()),
        b"1",
        {("auth/revocation_head", "is not a counter")},
    ),
    Damage("a malformed record", USER, b"\xff", {("auth/user", "is not a valid UserRecord")}),
    Damage(
        "a damaged password hash",
        USER,
        edit(auth_users_pb2.UserRecord, password_hash="$2b$12$short"),
        {("auth/user", "has a password hash that nothing can verify")},
    ),
    Damage(
        "a record under the key of another record",
        LOGIN,
        edit(auth_logins_pb2.LoginRecord, login_id=str(STRANGER)),
        {("auth/login", "has another login_id than its key")},
    ),
    Damage("a missing email row", EMAIL, None, {NO_EMAIL}),
    Damage("an unknown id in an email row", EMAIL, STRANGER.bytes, {NO_EMAIL, NO_USER_OF_EMAIL}),
    Damage("a malformed id in an email row", EMAIL, b"x", {NO_EMAIL, NO_USER_OF_EMAIL}),
    Damage(
        "a different email address",
        USER,
        edit(auth_users_pb2.UserRecord, email="Other@Example.com"),
        {NO_EMAIL, NO_USER_OF_EMAIL},
    ),
    Damage(
        "an email address too long for a key",
        USER,
        edit(auth_users_pb2.UserRecord, email="x" * 600),
        {NO_EMAIL, NO_USER_OF_EMAIL},
    ),
    Damage(
        "no user",
        USER,
        None,
        {
            NO_USER_OF_EMAIL,
            ("auth/login", "has no user"),
            ("auth/security_log", "has no user"),
            ("auth/security_log_grown", "has no user"),
            ("auth/throttling/device", "has no user"),
            ("auth/throttling/second_factor", "has no user"),
            ("auth/totp", "has no user"),
            ("auth/device_login", "has no user"),
            ("auth/authorization_code", "has no user"),
            ("auth/totp_enrollment", "has no user"),
            ("auth/passkey", "has no user"),
            ("auth/personal_access_token", "has no user"),
            ("auth/workspace_token", "has no user"),
            ("auth/service_account_key_by_user", "has no user"),
            NO_FACTORS_OF_CODES,
            NO_FACTORS_OF_RECOVERY,
            ("auth/one_time_token_by_user", "has no user"),
            ("tenants/member", "has no user, and no task that erases it"),
            ("sessions/tenant/session", "has no user, and no task that erases it"),
            NAMES_MISSING_USER,
        },
    ),
    Damage(
        "an audit entry by an unknown user",
        audit.AUDIT,
        edit(tenants_audit_pb2.AuditRecord, user_id=str(STRANGER)),
        {NAMES_MISSING_USER, NO_ROW_OF_NAMED},
    ),
    Damage(
        "an audit entry about an unknown user",
        audit.AUDIT,
        edit(tenants_audit_pb2.AuditRecord, action="member.removed", target=str(STRANGER)),
        {NAMES_MISSING_USER, NO_ROW_OF_NAMED},
    ),
    Damage(
        "an audit entry about a malformed user id",
        audit.AUDIT,
        edit(tenants_audit_pb2.AuditRecord, action="member.removed", target="Ada"),
        {NO_ROW_OF_NAMED},
    ),
    Damage("no login", LOGIN, None, {NO_LOGIN}),
    Damage("no expiry of a login", auth_logins.LOGIN_EXPIRY.entries, None, {NO_LOGIN_ENTRY}),
    Damage(
        "an expiry of another row",
        auth_logins.LOGIN_EXPIRY.entries,
        b"\x01",
        {NO_LOGIN_ENTRY, NO_LOGIN},
    ),
    Damage("an empty expiry", auth_logins.LOGIN_EXPIRY.entries, b"", {NO_LOGIN_ENTRY, NO_LOGIN}),
    Damage(
        "a different expiry of a login",
        LOGIN,
        edit(auth_logins_pb2.LoginRecord, expire_time=LATE),
        {NO_LOGIN_ENTRY, NO_LOGIN},
    ),
    Damage(
        "a revocation with a malformed user id",
        auth_revocations.REVOCATION,
        revocations_pb2.Revocation(user_id="Ada", revoke_time=LATE).SerializeToString(),
        {("auth/revocation", "is not a revocation")},
    ),
    Damage(
        "a signing key of another algorithm",
        auth_signing_keys.SIGNING_KEY,
        edit(auth_signing_keys_pb2.KeyRecord, algorithm="ES256"),
        {("auth/key", "is not a whole signing key")},
    ),
    Damage(
        "a signing key of an unknown algorithm",
        auth_signing_keys.SIGNING_KEY,
        edit(auth_signing_keys_pb2.KeyRecord, algorithm="RS256"),
        {("auth/key", "is not a whole signing key")},
    ),
    Damage(
        "an incomplete signing key",
        auth_signing_keys.SIGNING_KEY,
        edit(auth_signing_keys_pb2.KeyRecord, public_key=b"short"),
        {("auth/key", "is not a whole signing key")},
    ),
    *(
        Damage(
            f"an email to a user {name}",
            auth_notifications.EMAILS.rows,
            edit(storage_pb2.WorkItem, payload=payload),
            {("auth/emails/row", "is no email to a user")},
        )
        for name, payload in {
            "of no kind": auth_notifications_pb2.EmailRecord(to="a@b.c").SerializeToString(),
            "without its secrets": auth_notifications_pb2.EmailRecord(
                kind="verify_email", to="a@b.c"
            ).SerializeToString(),
            "without an address": auth_notifications_pb2.EmailRecord(
                kind="new_device"
            ).SerializeToString(),
            "that is not a record": b"\xff",
        }.items()
    ),
    Damage(
        "an outbox task without a user",
        fixed(auth_outbox.OUTBOX.rows.space.prefix + b"\x33" + bytes(12)),
        b"",
        {("auth/outbox/row", "is not a task about a user")},
    ),
    Damage(
        "a malformed outbox task",
        fixed(auth_outbox.OUTBOX.rows.space.prefix + b"\x33" + bytes(12)),
        b"\xff",
        {("auth/outbox/row", "is not a valid OutboxRecord")},
    ),
    Damage(
        "a different expiry of an idempotency record",
        auth.IDEMPOTENCY.records,
        edit(storage_pb2.IdempotencyRecord, expire_time=LATE),
        {
            ("auth/idempotency/record", "has no expiry entry"),
            ("auth/idempotency/expiry", "has no row that expires then"),
            no_row("auth/idempotency/record", "auth/idempotency/caller"),
            no_record("auth/idempotency/record", "auth/idempotency/caller"),
        },
    ),
    Damage(
        "no tenant",
        TENANT,
        None,
        {
            NO_OWN_TENANT,
            ("tenants/member", "has no tenant"),
            NO_TENANT_OF_SESSION,
        },
    ),
    Damage(
        "no membership",
        MEMBER,
        None,
        {NO_OWN_TENANT, NO_OWNER, NO_MEMBER_OF_USER},
    ),
    Damage(
        "an owner changed to a member",
        MEMBER,
        edit(tenants_memberships_pb2.MemberRecord, role="member"),
        {NO_OWN_TENANT, NO_OWNER},
    ),
    Damage(
        "a malformed membership",
        MEMBER,
        b"\xff",
        {("tenants/member", "is not a valid MemberRecord")},
    ),
    Damage(
        "no user row of a membership",
        OF_USER,
        None,
        {NO_USER_ROW},
    ),
    Damage(
        "an index row from an unknown user to a tenant",
        lambda environment: memberships.MEMBER_BY_USER.key(STRANGER, environment.tenant_id),
        b"",
        {NO_MEMBER_OF_USER},
    ),
    Damage(
        "no session",
        session_key,
        None,
        {
            NO_SESSION_AT_PLACE,
            ("sessions/user", "leads to no record of sessions/tenant/session that it finds"),
            NO_SESSION_OF_ACTIVITY,
            ("sessions/expiry", "has no row that expires then"),
        },
    ),
    Damage(
        "another time of a session's last activity",
        session_key,
        edit(sessions_sessions_pb2.SessionRecord, last_active_time=LATE),
        {NO_ROW_OF_ACTIVITY, NO_SESSION_OF_ACTIVITY},
    ),
    Damage("no owner row of a session", place_key, None, {NO_PLACE}),
    Damage(
        "an owner row with another user",
        place_key,
        edit(sessions_sessions_pb2.SessionOwner, user_id=str(STRANGER)),
        {NO_PLACE, NO_SESSION_AT_PLACE},
    ),
    Damage(
        "an owner row with another tenant",
        place_key,
        edit(sessions_sessions_pb2.SessionOwner, tenant_id=str(STRANGER)),
        {NO_PLACE, NO_SESSION_AT_PLACE},
    ),
    Damage(
        "an owner row with a malformed tenant id",
        place_key,
        edit(sessions_sessions_pb2.SessionOwner, tenant_id="nowhere"),
        {NO_PLACE, NO_SESSION_AT_PLACE},
    ),
    Damage("no user row of a session", of_user_key, None, {NO_ROW_OF_USER, MISCOUNTED}),
    Damage(
        "a session of an unknown user",
        session_key,
        edit(sessions_sessions_pb2.SessionRecord, user_id=str(STRANGER)),
        {
            NO_PLACE,
            NO_ROW_OF_USER,
            NO_ROW_OF_ACTIVITY,
            NO_SESSION_OF_ACTIVITY,
            NO_SESSION_AT_PLACE,
            NO_MEMBERSHIP,
            NOT_COUNTED,
            ("sessions/tenant/session", "has no user, and no task that erases it"),
            ("sessions/user", "leads to no record of sessions/tenant/session that it finds"),
        },
    ),
    Damage(
        "a session with a malformed user id",
        session_key,
        edit(sessions_sessions_pb2.SessionRecord, user_id="Ada"),
        {
            NO_PLACE,
            NO_ROW_OF_USER,
            NO_ROW_OF_ACTIVITY,
            NO_MEMBERSHIP,
            NOT_COUNTED,
            ("sessions/tenant/session", "has no user, and no task that erases it"),
            ("sessions/tenant/session", TOO_OLD),
        },
    ),
    Damage(
        "no membership of a user with sessions",
        lambda environment: memberships.MEMBER.key(environment.acme_id, environment.member.user_id),
        None,
        {
            NO_MEMBERSHIP,
            MISCOUNTED_MEMBERS,
            NO_MEMBER_OF_ROLE,
            NO_MEMBER_OF_EMAIL,
            NO_MEMBER_OF_USER,
        },
    ),
    Damage(
        "a session older than the end of its user's sessions",
        member_session_key,
        edit(sessions_sessions_pb2.SessionRecord, tenant_epoch=1),
        {("sessions/tenant/session", TOO_OLD)},
    ),
    Damage(
        "no session count",
        COUNT,
        None,
        {NOT_COUNTED},
    ),
    Damage("a wrong session count", COUNT, (7).to_bytes(8, "little"), {MISCOUNTED}),
    Damage(
        "no expiry of a session",
        lambda environment: sessions_repository.SESSION_EXPIRY.entry(
            environment.session.expire_time, session_key(environment)
        ),
        None,
        {NO_SESSION_ENTRY},
    ),
    Damage(
        "a second expiry of a session",
        lambda environment: sessions_repository.SESSION_EXPIRY.entry(1, session_key(environment)),
        session_key,
        {("sessions/expiry", "has no row that expires then")},
    ),
]

"""Damage to personal access tokens, service accounts and their keys."""

from coditect.auth.records.v1.personal_access_tokens_pb2 import PersonalAccessTokenRecord
from coditect.auth.records.v1.service_accounts_pb2 import ServiceAccountKeyRecord
from services.auth.personal_access_tokens.repository import (
    PERSONAL_ACCESS_TOKEN,
    PERSONAL_ACCESS_TOKEN_BY_ID,
    PERSONAL_ACCESS_TOKEN_NOTICE,
)
from services.auth.service_accounts.repository import (
    SERVICE_ACCOUNT,
    SERVICE_ACCOUNT_COUNT,
    SERVICE_ACCOUNT_KEY,
    SERVICE_ACCOUNT_KEY_BY_ID,
    SERVICE_ACCOUNT_KEY_BY_USER,
    SERVICE_ACCOUNT_KEY_NOTICE,
)
from tests.ops.doctor.damage import LATE, STRANGER, Damage, edit
from tests.ops.doctor.organization_damages import miscounted, no_record, no_row, not_counted

TOKEN, KEY = PERSONAL_ACCESS_TOKEN.name, SERVICE_ACCOUNT_KEY.name
TOKEN_BY_ID, TOKEN_NOTICE = PERSONAL_ACCESS_TOKEN_BY_ID.name, PERSONAL_ACCESS_TOKEN_NOTICE.name
KEY_BY_ID, KEY_NOTICE = SERVICE_ACCOUNT_KEY_BY_ID.name, SERVICE_ACCOUNT_KEY_NOTICE.name
KEY_BY_USER = SERVICE_ACCOUNT_KEY_BY_USER.name
NO_ACCOUNT = (KEY, "has no service account")
MISCOUNTED = miscounted(SERVICE_ACCOUNT.name, SERVICE_ACCOUNT_COUNT.name)
NO_EXPIRY = "has no row that expires then"

OF_TOKENS = [
    Damage(
        "no personal token",
        PERSONAL_ACCESS_TOKEN,
        None,
        {
            (f"{TOKEN}_expiry", NO_EXPIRY),
            no_record(TOKEN, TOKEN_BY_ID),
            no_record(TOKEN, TOKEN_NOTICE),
        },
    ),
    Damage(
        "a different end and notice of a personal token",
        PERSONAL_ACCESS_TOKEN,
        edit(PersonalAccessTokenRecord, expire_time=LATE, notice_time=LATE),
        {
            (TOKEN, "has no expiry entry"),
            (f"{TOKEN}_expiry", NO_EXPIRY),
            no_row(TOKEN, TOKEN_NOTICE),
            no_record(TOKEN, TOKEN_NOTICE),
        },
    ),
    Damage(
        "no row of a token's id", PERSONAL_ACCESS_TOKEN_BY_ID, None, {no_row(TOKEN, TOKEN_BY_ID)}
    ),
    Damage(
        "no notice of a token", PERSONAL_ACCESS_TOKEN_NOTICE, None, {no_row(TOKEN, TOKEN_NOTICE)}
    ),
    Damage(
        "no service account",
        SERVICE_ACCOUNT,
        None,
        {
            NO_ACCOUNT,
            MISCOUNTED,
            ("sessions/tenant/session", "has no user, and no task that erases it"),
        },
    ),
    Damage(
        "no count of service accounts",
        SERVICE_ACCOUNT_COUNT,
        None,
        {not_counted(SERVICE_ACCOUNT.name, SERVICE_ACCOUNT_COUNT.name)},
    ),
    Damage(
        "a wrong count of service accounts",
        SERVICE_ACCOUNT_COUNT,
        (7).to_bytes(8, "little"),
        {MISCOUNTED},
    ),
    Damage(
        "no key",
        SERVICE_ACCOUNT_KEY,
        None,
        {
            (f"{KEY}_expiry", NO_EXPIRY),
            no_record(KEY, KEY_BY_ID),
            no_record(KEY, KEY_BY_USER),
            no_record(KEY, KEY_NOTICE),
        },
    ),
    Damage(
        "a key of another organization, by a stranger",
        SERVICE_ACCOUNT_KEY,
        edit(ServiceAccountKeyRecord, tenant_id=str(STRANGER), created_by=str(STRANGER)),
        {NO_ACCOUNT, no_row(KEY, KEY_BY_USER), no_record(KEY, KEY_BY_USER)},
    ),
    Damage(
        "a different end and notice of a key",
        SERVICE_ACCOUNT_KEY,
        edit(ServiceAccountKeyRecord, expire_time=LATE, notice_time=LATE),
        {
            (KEY, "has no expiry entry"),
            (f"{KEY}_expiry", NO_EXPIRY),
            no_row(KEY, KEY_NOTICE),
            no_record(KEY, KEY_NOTICE),
        },
    ),
    Damage("no row of a key's id", SERVICE_ACCOUNT_KEY_BY_ID, None, {no_row(KEY, KEY_BY_ID)}),
    Damage(
        "no row of a key's maker", SERVICE_ACCOUNT_KEY_BY_USER, None, {no_row(KEY, KEY_BY_USER)}
    ),
    Damage("no notice of a key", SERVICE_ACCOUNT_KEY_NOTICE, None, {no_row(KEY, KEY_NOTICE)}),
]

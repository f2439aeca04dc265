"""Damage to codes of programs and to pushed requests."""

from coditect.auth.records.v1.authorizations_pb2 import (
    AuthorizationCodeRecord,
    PushedRequestRecord,
)
from services.auth.authorizations.repository import (
    AUTHORIZATION_CODE,
    PUSHED_BY_NETWORK,
    PUSHED_COUNT,
    PUSHED_REQUEST,
)
from tests.ops.doctor.damage import LATE, Damage, edit, own_key
from tests.ops.doctor.organization_damages import miscounted, no_record, no_row, not_counted

CODE = own_key(AUTHORIZATION_CODE, "user_id", "code_id")
REQUEST = own_key(PUSHED_REQUEST, "request_id")
NO_CODE_EXPIRY = f"{AUTHORIZATION_CODE.name}_expiry", "has no row that expires then"
NO_REQUEST_EXPIRY = f"{PUSHED_REQUEST.name}_expiry", "has no row that expires then"
MISCOUNTED = miscounted(PUSHED_BY_NETWORK.name, PUSHED_COUNT.name)


OF_AUTHORIZATIONS = [
    Damage("no code of a program", CODE, None, {NO_CODE_EXPIRY}),
    Damage(
        "a different end of a code",
        CODE,
        edit(AuthorizationCodeRecord, expire_time=LATE),
        {NO_CODE_EXPIRY, (AUTHORIZATION_CODE.name, "has no expiry entry")},
    ),
    Damage(
        "no pushed request",
        REQUEST,
        None,
        {NO_REQUEST_EXPIRY, no_record(PUSHED_REQUEST.name, PUSHED_BY_NETWORK.name)},
    ),
    Damage(
        "a different end of a pushed request",
        REQUEST,
        edit(PushedRequestRecord, expire_time=LATE),
        {NO_REQUEST_EXPIRY, (PUSHED_REQUEST.name, "has no expiry entry")},
    ),
    Damage(
        "no network of a pushed request",
        PUSHED_BY_NETWORK,
        None,
        {no_row(PUSHED_REQUEST.name, PUSHED_BY_NETWORK.name), MISCOUNTED},
    ),
    Damage(
        "no count of pushed requests",
        PUSHED_COUNT,
        None,
        {not_counted(PUSHED_REQUEST.name, PUSHED_COUNT.name)},
    ),
    Damage(
        "a wrong count of pushed requests", PUSHED_COUNT, (7).to_bytes(8, "little"), {MISCOUNTED}
    ),
]

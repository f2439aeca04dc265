"""Damage to OAuth clients."""

from coditect.auth.records.v1.oauth_clients_pb2 import OAuthClientRecord, SpentAssertionRecord
from services.auth.oauth_clients.repository import (
    BY_TENANT,
    DYNAMIC_CLIENT,
    OAUTH_CLIENT,
    OAUTH_CLIENT_COUNT,
    SPENT_ASSERTION,
)
from tests.ops.doctor.damage import LATE, STRANGER, Damage, edit
from tests.ops.doctor.organization_damages import miscounted, no_record, no_row, not_counted

NO_PROOF = "does not have what its client shows who it is by"
NO_ACCOUNT = "does not go with a service account"
NOT_COUNTED = not_counted(OAUTH_CLIENT.name, OAUTH_CLIENT_COUNT.name)
MISCOUNTED = miscounted(BY_TENANT.name, OAUTH_CLIENT_COUNT.name)
NO_CLIENT = no_record(OAUTH_CLIENT.name, BY_TENANT.name)
NOT_BY_TENANT = no_row(OAUTH_CLIENT.name, BY_TENANT.name)

OF_CLIENTS = [
    *(
        damage
        for family, message in (
            (DYNAMIC_CLIENT, OAuthClientRecord),
            (SPENT_ASSERTION, SpentAssertionRecord),
        )
        for damage in (
            Damage(
                f"no {family}",
                family,
                None,
                {(f"{family.name}_expiry", "has no row that expires then")},
            ),
            Damage(
                f"a different expiry of {family}",
                family,
                edit(message, expire_time=LATE),
                {
                    (f"{family.name}_expiry", "has no row that expires then"),
                    (family.name, "has no expiry entry"),
                },
            ),
        )
    ),
    *(
        damage
        for family in (OAUTH_CLIENT, DYNAMIC_CLIENT)
        for damage in (
            Damage(
                f"another method of {family}",
                family,
                edit(OAuthClientRecord, auth_method="private_key_jwt"),
                {(family.name, NO_PROOF)},
            ),
            Damage(
                f"{family} with a service account",
                family,
                edit(OAuthClientRecord, service_account_id=str(STRANGER)),
                {(family.name, NO_ACCOUNT)},
            ),
        )
    ),
    Damage(
        "an unknown method of a client",
        OAUTH_CLIENT,
        edit(OAuthClientRecord, auth_method="trust"),
        {(OAUTH_CLIENT.name, NO_PROOF), NOT_BY_TENANT, NOT_COUNTED},
    ),
    Damage("no client of a tenant", OAUTH_CLIENT, None, {NO_CLIENT}),
    Damage(
        "a client of another tenant",
        OAUTH_CLIENT,
        edit(OAuthClientRecord, tenant_id=str(STRANGER)),
        {NOT_BY_TENANT, NO_CLIENT, NOT_COUNTED},
    ),
    Damage("no row of a tenant's client", BY_TENANT, None, {NOT_BY_TENANT, MISCOUNTED}),
    Damage("no count of clients", OAUTH_CLIENT_COUNT, None, {NOT_COUNTED}),
    Damage(
        "a wrong count of clients",
        OAUTH_CLIENT_COUNT,
        (7).to_bytes(8, "little"),
        {MISCOUNTED},
    ),
]

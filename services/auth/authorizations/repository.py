"""How codes and pushed requests are stored."""

from uuid import UUID

from coditect.auth.records.v1 import authorizations_pb2
from kernel.clock import datetime_of, timestamp
from kernel.storage import Read, Write, counted
from kernel.storage.families import Family, digest, record, uuid
from kernel.storage.recipes.table import Table
from services.auth.authorizations.model import (
    AuthorizationCode,
    AuthorizationParameters,
    PushedRequest,
)
from services.auth.keys import AUTH

MAC_BYTES = 16
PARAMETER_BYTES = 7_000
"""The most bytes of all parameters of a pushed request together."""
_ALL = 1000  # codes of one user within their life
_TEXTS = (
    "client_id",
    "response_type",
    "redirect_uri",
    "scope",
    "state",
    "code_challenge",
    "code_challenge_method",
    "nonce",
    "prompt",
    "max_age",
    "acr_values",
    "login_hint",
    "response_mode",
)


def _fill_code(record: authorizations_pb2.AuthorizationCodeRecord, new: AuthorizationCode) -> None:
    record.code_id = str(new.code_id)
    record.user_id = str(new.user_id)
    record.login_id = str(new.login_id)
    record.tenant_id = str(new.tenant_id)
    record.client_id = new.client_id
    record.redirect_uri = new.redirect_uri
    record.scopes[:] = sorted(new.scopes)
    record.code_challenge = new.code_challenge
    record.nonce = new.nonce
    record.code_hash = new.code_hash
    record.create_time.CopyFrom(timestamp(new.create_time))
    record.expire_time.CopyFrom(timestamp(new.expire_time))
    record.grant_id = "" if new.grant_id is None else str(new.grant_id)


def _parse_code(record: authorizations_pb2.AuthorizationCodeRecord) -> AuthorizationCode:
    return AuthorizationCode(
        code_id=UUID(record.code_id),
        user_id=UUID(record.user_id),
        login_id=UUID(record.login_id),
        tenant_id=UUID(record.tenant_id),
        client_id=record.client_id,
        redirect_uri=record.redirect_uri,
        scopes=frozenset(record.scopes),
        code_challenge=record.code_challenge,
        nonce=record.nonce,
        code_hash=record.code_hash,
        create_time=datetime_of(record.create_time),
        expire_time=datetime_of(record.expire_time),
        grant_id=UUID(record.grant_id) if record.grant_id else None,
    )


def _fill_request(record: authorizations_pb2.PushedRequestRecord, new: PushedRequest) -> None:
    record.request_id = str(new.request_id)
    record.secret_hash = new.secret_hash
    for name in _TEXTS:
        setattr(record.parameters, name, getattr(new.parameters, name))
    record.parameters.resource[:] = new.parameters.resource
    record.network_mac = new.network_mac
    record.create_time.CopyFrom(timestamp(new.create_time))
    record.expire_time.CopyFrom(timestamp(new.expire_time))


def _parse_request(record: authorizations_pb2.PushedRequestRecord) -> PushedRequest:
    texts = {name: getattr(record.parameters, name) for name in _TEXTS}
    return PushedRequest(
        request_id=UUID(record.request_id),
        secret_hash=record.secret_hash,
        parameters=AuthorizationParameters(resource=tuple(record.parameters.resource), **texts),
        network_mac=record.network_mac,
        create_time=datetime_of(record.create_time),
        expire_time=datetime_of(record.expire_time),
    )


AUTHORIZATION_CODE = Family[UUID, UUID](
    AUTH["authorization_code"],
    uuid("user_id"),
    uuid("code_id"),
    value=record("coditect.auth.records.v1.AuthorizationCodeRecord", 3_000),
    life="a minute; an hour more once it was used",
)
AUTHORIZATION_CODES = Table(
    AUTHORIZATION_CODE,
    authorizations_pb2.AuthorizationCodeRecord,
    key=lambda code: (code.user_id, code.code_id),
    fill=_fill_code,
    parse=_parse_code,
)
AUTHORIZATION_CODES.expiry(AUTH["authorization_code_expiry"], lambda code: code.expire_time)

PUSHED_REQUEST = Family[UUID](
    AUTH["pushed_request"],
    uuid("request_id"),
    value=record("coditect.auth.records.v1.PushedRequestRecord", PARAMETER_BYTES + 300),
    life="until its user has answered, ten minutes at most",
)
PUSHED_REQUESTS = Table(
    PUSHED_REQUEST,
    authorizations_pb2.PushedRequestRecord,
    key=lambda request: (request.request_id,),
    fill=_fill_request,
    parse=_parse_request,
)
PUSHED_REQUESTS.expiry(AUTH["pushed_request_expiry"], lambda request: request.expire_time)
PUSHED_BY_NETWORK = PUSHED_REQUESTS.index(
    AUTH["pushed_request_by_network"],
    digest("network_mac", MAC_BYTES),
    uuid("request_id"),
    keys=lambda request: [(request.network_mac, request.request_id)],
    life="as the request",
)
PUSHED_COUNT = PUSHED_REQUESTS.count(
    AUTH["pushed_request_count"],
    digest("network_mac", MAC_BYTES),
    keys=lambda request: [(request.network_mac,)],
    life="as the requests that it counts",
)


async def number_of_network(tx: Read, network_mac: bytes) -> int:
    """How many pushed requests of a network wait."""
    return counted(await tx.get(PUSHED_COUNT.key(network_mac)))


async def clear_codes_of_user(tx: Write, user_id: UUID) -> None:
    """Removes the codes of a user."""
    await AUTHORIZATION_CODES.clear_some(tx, user_id, limit=_ALL)

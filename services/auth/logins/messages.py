"""The messages about logins that several servicers send."""

from collections.abc import Sequence
from typing import Any

from coditect.auth.v5 import logins_pb2, tokens_pb2
from kernel.clock import timestamp
from kernel.fields import Fields
from kernel.identity.callers import Call, Caller
from kernel.rpc.structs import mapping_of, struct_of
from services.auth.logins.browser_mode import is_browser, kept_in_cookie
from services.auth.logins.model import Login, LoginChallenge, LoginResult, Tokens
from services.auth.logins.second_factors import Answer
from services.auth.throttling.devices import COOKIE, COOKIE_SECONDS
from services.auth.users.messages import user_message


def login_result(call: Call, result: LoginResult) -> dict[str, Any]:
    """The fields that the answers to every kind of login have."""
    tenant = result.tenant
    return {
        "user": user_message(result.user),
        "tenant": tokens_pb2.Tenant(
            tenant_id=str(tenant.tenant_id),
            name=tenant.name,
            slug=tenant.slug,
            kind=tenant.kind,
            role=tenant.role,
            state=tenant.state,
            create_time=timestamp(tenant.create_time),
        ),
        "tokens": tokens_message(call, result.tokens),
    }


def new_login(call: Call, result: LoginResult) -> dict[str, Any]:
    """The fields that the answers to every new login have.

    A browser gets the secret of its device as a cookie, too, out of the reach of scripts; in browser
    mode as nothing else.
    """
    call.set_cookie(COOKIE, result.device_token, COOKIE_SECONDS)
    device_token = None if is_browser(call) else result.device_token
    return {**login_result(call, result), "device_token": device_token}


def challenge_message(challenge: LoginChallenge) -> logins_pb2.Challenge:
    """The challenge of a login."""
    options, due = challenge.passkey_options, challenge.recovery_time
    return logins_pb2.Challenge(
        token=challenge.text,
        kinds=challenge.kinds,
        passkey_options=None if options is None else struct_of(options),
        expire_time=timestamp(challenge.expire_time),
        recovery_time=None if due is None else timestamp(due),
    )


_SECOND_FACTORS = ("code", "recovery_code", "credential")


def second_factor_of(
    request: logins_pb2.LoginWithSecondFactorRequest | logins_pb2.ReauthenticateRequest,
) -> Answer:
    """The second factor in a request. Raises `InvalidRequest` unless there is exactly one."""
    _require_one(request, _SECOND_FACTORS)
    credential = mapping_of(request.credential) if request.HasField("credential") else None
    return Answer(request.code, request.recovery_code, credential)


def reauthentication_of(request: logins_pb2.ReauthenticateRequest) -> str | Answer:
    """The password or the second factor in a request. Raises `InvalidRequest` as above."""
    _require_one(request, ("password", *_SECOND_FACTORS))
    return request.password or second_factor_of(request)


def _require_one(request: Any, names: Sequence[str]) -> None:
    given = [name for name in names if _is_given(request, name)]
    fields, by_name = Fields(), request.DESCRIPTOR.fields_by_name
    if not given:
        fields.refuse(by_name[names[0]].json_name, "REQUIRED", "Must be given, or another proof.")
    for name in given[1:]:
        fields.refuse(by_name[name].json_name, "NOT_TOGETHER", "Must not be given with another.")
    fields.check()


def _is_given(request: Any, name: str) -> bool:
    if request.DESCRIPTOR.fields_by_name[name].has_presence:
        return bool(request.HasField(name))
    return bool(getattr(request, name))


def tokens_message(call: Call, tokens: Tokens) -> tokens_pb2.Tokens:
    """The tokens as the client of a call gets them: the refresh token in the message or a cookie."""
    return tokens_pb2.Tokens(
        access_token=tokens.access_token,
        refresh_token=None if kept_in_cookie(call, tokens) else tokens.refresh_token,
        token_type="Bearer",  # noqa: S106 - no secret
        expires_in=tokens.expires_in,
    )


def login_message(login: Login, caller: Caller) -> logins_pb2.Login:
    """A login as its owner sees it, who calls."""
    return logins_pb2.Login(
        login_id=str(login.login_id),
        create_time=timestamp(login.create_time),
        last_used_time=timestamp(login.last_used_time),
        user_agent=login.device.user_agent,
        address=login.device.address,
        current=login.login_id == caller.login_id,
    )

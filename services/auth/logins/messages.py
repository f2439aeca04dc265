"""The messages about logins that several servicers send."""

from typing import Any

from coditect.auth.v5 import logins_pb2, tokens_pb2
from kernel.clock import timestamp
from kernel.identity.callers import Call, Caller
from services.auth.logins.model import Login, LoginResult, Tokens
from services.auth.throttling.devices import COOKIE, COOKIE_SECONDS
from services.auth.users.messages import user_message


def login_result(result: LoginResult) -> dict[str, Any]:
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
        "tokens": tokens_message(result.tokens),
    }


def set_device_cookie(call: Call, result: LoginResult) -> None:
    """Gives a browser the secret of its device, out of the reach of scripts."""
    call.set_cookie(COOKIE, result.device_token, COOKIE_SECONDS)


def tokens_message(tokens: Tokens) -> tokens_pb2.Tokens:
    """The tokens as their client gets them."""
    return tokens_pb2.Tokens(
        access_token=tokens.access_token,
        refresh_token=tokens.refresh_token,
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

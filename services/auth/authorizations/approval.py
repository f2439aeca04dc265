"""The answer of a user to an authorization request: a code for the program, or a refusal.

The approver is known by a login. The transaction that makes the code reads that login and its user, and
also spends a pushed request, so each gives one code.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self
from uuid import UUID

from kernel.errors import (
    ReauthenticationRequired,
    SecondFactorRequired,
)
from kernel.identity.callers import Assurance, Call
from kernel.identity.devices import Device
from kernel.identity.programs import Program
from kernel.runtime import Runtime
from kernel.storage import Read, Write
from services.auth.authorizations import codes
from services.auth.authorizations.approving_login import approving_login
from services.auth.authorizations.codes import Code
from services.auth.authorizations.errors import AuthorizationPageError
from services.auth.authorizations.model import (
    CODE_LIFE,
    AuthorizationCode,
    AuthorizationRequest,
)
from services.auth.authorizations.program_tenants import ProgramTenants
from services.auth.authorizations.repository import AUTHORIZATION_CODES, PUSHED_REQUESTS
from services.auth.logins.model import Login, LoginTenant, assurance_of
from services.auth.logins.repository import logins_of
from services.auth.security_log import repository as security_log
from services.auth.security_log.events import SecurityEvents
from services.auth.security_log.model import Event, SecurityEvent
from services.auth.users.model import User
from services.auth.users.repository import require_user


@dataclass(frozen=True, slots=True)
class Approver:
    """Who answers: a user, by one of their own logins."""

    user_id: UUID
    login_id: UUID
    device: Device

    @classmethod
    def of(cls, call: Call) -> Self:
        """The caller."""
        return cls(call.caller.user_id, call.caller.login_id, call.device)


class ApproveAuthorization:
    """The use cases of the user's answer."""

    def __init__(self, runtime: Runtime, tenants: ProgramTenants, events: SecurityEvents) -> None:
        self._runtime = runtime
        self._tenants = tenants
        self._events = events

    async def approve(
        self, approver: Approver, request: AuthorizationRequest, tenant_id: UUID | None = None
    ) -> str:
        """Grants a request: where the browser is sent, with a code that is good for a minute.

        Raises `TenantNotFound`, `TenantSuspended`, `TenantsUnavailable`, `ProgramsNotAllowed`,
        `ReauthenticationRequired`, `SecondFactorRequired`, `AuthorizationPageError` for a pushed request
        that was answered, and `AccessTokenRevoked`.

        Args:
            approver: Who approves.
            request: The request, which is checked.
            tenant_id: The tenant that the program is to act in; None for the client's own, or else the
                one that the login acts in.
        """
        runtime, now = self._runtime, self._runtime.clock.now()

        async def read(tx: Read) -> tuple[User, Login]:
            user = await require_user(tx, approver.user_id)
            return user, await approving_login(tx, approver.user_id, approver.login_id, now)

        user, login = await runtime.store.read(read)
        tenant = await self._tenants.choose(user, request.client, tenant_id, login.tenant_id)
        code = Code(approver.user_id, runtime.ids.uuid(), runtime.ids.secret())
        new = _new(code, approver, request, tenant, now)
        where = now, approver.device, approver.login_id
        approved = SecurityEvent.done(approver.user_id, Event.PROGRAM_APPROVED, *where)
        event = approved.about(Program(request.client.client_id))

        async def approve(tx: Write) -> None:
            user = await require_user(tx, approver.user_id)
            login = await approving_login(tx, approver.user_id, approver.login_id, now)
            _check_login(user, login, tenant, request, now)
            await _spend(tx, request, now)
            await AUTHORIZATION_CODES.put(tx, new)
            security_log.append(tx, event)

        await runtime.store.write(approve)
        self._events.report(event)
        return request.redirect(code=codes.write_code(code, runtime.seal))

    async def deny(self, request: AuthorizationRequest) -> str:
        """Refuses a request: where the browser is sent. A pushed one is spent, too."""
        now = self._runtime.clock.now()

        async def deny(tx: Write) -> None:
            await _spend(tx, request, now)

        if request.pushed_id is not None:
            await self._runtime.store.write(deny, essential=True)
        return request.redirect(error="access_denied")

    async def approved_tenant(
        self, approver: Approver, request: AuthorizationRequest
    ) -> UUID | None:
        """The tenant for which the user has granted all of this to the client before; None if not.

        That is what `prompt=none` needs. A public client gets None unless it is reached at a host of its
        own: any program of the device could say that it is this one (RFC 8252, section 8.6). A consent
        from before the client got another redirect URI does not count: an admin who has led the codes
        to a place of their own would get those of an owner.
        """
        client, now = request.client, self._runtime.clock.now()
        if client.is_public and not request.redirect_uri.startswith("https://"):
            return None
        logins = await self._runtime.store.read(lambda tx: logins_of(tx, approver.user_id))
        for login in sorted(logins, key=lambda one: one.last_used_time, reverse=True):
            same = login.client_id == client.client_id and login.scopes >= request.scopes
            since = client.redirect_time is None or login.create_time > client.redirect_time
            if same and since and login.expire_time > now:
                return login.tenant_id
        return None


def _new(
    code: Code,
    approver: Approver,
    request: AuthorizationRequest,
    tenant: LoginTenant,
    now: datetime,
) -> AuthorizationCode:
    return AuthorizationCode(
        code_id=code.code_id,
        user_id=approver.user_id,
        login_id=approver.login_id,
        tenant_id=tenant.tenant_id,
        client_id=request.client.client_id,
        redirect_uri=request.redirect_uri,
        scopes=request.scopes,
        code_challenge=request.code_challenge,
        nonce=request.nonce,
        code_hash=code.hash,
        create_time=now,
        expire_time=now + CODE_LIFE,
    )


def _check_login(
    user: User, login: Login, tenant: LoginTenant, request: AuthorizationRequest, now: datetime
) -> None:
    """Raises an error if the user must prove more before the program gets a grant.

    Raises `ReauthenticationRequired`, `SecondFactorRequired`.
    """
    tenant.limits.require(user, login, now)
    max_age = request.answer_age
    if max_age is not None and login.auth_time_at(now) + timedelta(seconds=max_age) < now:
        proof = "second_factor" if user.second_factor else "password"
        raise ReauthenticationRequired({"maxAgeSeconds": str(max_age), "proof": proof})
    if request.needs_two_factors and assurance_of(login.methods) < Assurance.AAL2:
        action = "reauthenticate" if user.second_factor else "enroll"
        raise SecondFactorRequired({"action": action})


async def _spend(tx: Write, request: AuthorizationRequest, now: datetime) -> None:
    """Takes a pushed request out. Raises `AuthorizationPageError` if it was answered."""
    if request.pushed_id is None:
        return
    pushed = await PUSHED_REQUESTS.get(tx, request.pushed_id)
    if pushed is None or pushed.expire_time <= now:
        raise AuthorizationPageError({"problem": "request_uri"})
    await PUSHED_REQUESTS.clear(tx, pushed)

"""The tokens that a user makes: created, listed, and revoked."""

from datetime import datetime
from uuid import UUID

from kernel.identity.assurance import require_assurance
from kernel.identity.callers import Assurance, Call
from kernel.runtime import Runtime
from kernel.storage import Read, Write
from kernel.storage.recipes.paging import Listing, PageTokens, list_name
from services.auth.bearer_tokens import format as form
from services.auth.bearer_tokens.errors import ProgramsNotAllowed
from services.auth.bearer_tokens.format import BearerKind
from services.auth.bearer_tokens.life import TokenLife, notice_time
from services.auth.logins.active_tenant import ActiveTenant
from services.auth.logins.model import LoginTenant
from services.auth.logins.repository import require_login
from services.auth.notifications.model import EmailKind
from services.auth.personal_access_tokens.errors import TokenLimitReached, TokenNotFound
from services.auth.personal_access_tokens.model import (
    NewPersonalAccessToken,
    PersonalAccessToken,
    RequestedToken,
)
from services.auth.personal_access_tokens.repository import (
    MOST_STORED,
    PERSONAL_ACCESS_TOKENS,
    tokens_of,
)
from services.auth.personal_access_tokens.revocation import end_token
from services.auth.revocations.log import RevocationLog
from services.auth.security_log import repository as security_log
from services.auth.security_log.events import SecurityEvents
from services.auth.security_log.model import Event, SecurityEvent
from services.auth.settings import AuthSettings
from services.auth.users.repository import require_user


class PersonalAccessTokens:
    """The use cases of a user's tokens."""

    def __init__(
        self,
        runtime: Runtime,
        settings: AuthSettings,
        active_tenant: ActiveTenant,
        log: RevocationLog,
        events: SecurityEvents,
    ) -> None:
        self._runtime = runtime
        self._most = settings.personal_tokens_per_user
        self._life = TokenLife(settings)
        self._active_tenant = active_tenant
        self._log = log
        self._events = events
        self._page_tokens = PageTokens(runtime.seal)

    async def create(self, call: Call, requested: RequestedToken) -> NewPersonalAccessToken:
        """Makes a token of the caller. A repeat makes another one: no copy of its secret is kept.

        Raises `TenantNotFound`, `TenantSuspended`, `TenantsUnavailable`, `ProgramsNotAllowed`,
        `SecondFactorRequired`, `TokenLifeTooLong`, `TokenLimitReached`, `AccessTokenRevoked`.
        """
        runtime, caller = self._runtime, call.caller
        tenant = await self._tenant(call, requested.tenant_id or caller.tenant_id)
        now = runtime.clock.now()
        made = form.new(BearerKind.PERSONAL, runtime.ids, runtime.seal)
        end = self._life.end(now, requested.days, tenant.longest_token_days)
        program = caller.program._replace(token_id=made.token.token_id)
        event = SecurityEvent.by(call, Event.TOKEN_CREATED, now, program=program)

        async def put(tx: Write) -> PersonalAccessToken:
            user = await require_user(tx, caller.user_id)
            login = await require_login(tx, caller.user_id, caller.login_id)
            await self._require_room(tx, user.user_id, now)
            token = PersonalAccessToken(
                token_id=made.token.token_id,
                user_id=user.user_id,
                tenant_id=tenant.tenant_id,
                name=requested.name,
                scopes=requested.scopes,
                secret_hash=made.token.secret_hash,
                create_time=now,
                expire_time=end,
                auth_time=login.auth_time_at(now),
                methods=login.methods,
                notice_time=notice_time(now, end),
            )
            await PERSONAL_ACCESS_TOKENS.put(tx, token)
            security_log.append(tx, event)
            await self._events.notify(tx, user, EmailKind.TOKEN_CREATED, call.device, now)
            return token

        token = await runtime.store.write(put)
        self._events.report(event)
        return NewPersonalAccessToken(token, made.text)

    async def list(self, call: Call, size: int, page_token: str) -> Listing[PersonalAccessToken]:
        """A page of the caller's tokens in the order of their ids, and the next page's token."""
        user_id, now = call.caller.user_id, self._runtime.clock.now()
        return await self._page_tokens.list(
            self._runtime.store,
            list_name("personal access tokens", str(user_id)),
            page_token,
            lambda tx, after: PERSONAL_ACCESS_TOKENS.page(
                tx, user_id, after=after, limit=size, only=lambda one: one.expire_time > now
            ),
        )

    async def revoke(self, call: Call, token_id: UUID) -> None:
        """Revokes one of the caller's tokens, in every service. Raises `TokenNotFound`."""
        now = self._runtime.clock.now()
        program = call.caller.program._replace(token_id=token_id)
        event = SecurityEvent.by(call, Event.TOKEN_REVOKED, now, program=program)

        async def revoke(tx: Write) -> None:
            token = await PERSONAL_ACCESS_TOKENS.get(tx, call.caller.user_id, token_id)
            if token is None or token.expire_time <= now:
                raise TokenNotFound
            await end_token(tx, token, now)
            security_log.append(tx, event)

        await self._runtime.store.write(revoke, essential=True)
        self._events.report(event)
        await self._log.wait_until_enforced()

    async def _require_room(self, tx: Read, user_id: UUID, now: datetime) -> None:
        """Raises `TokenLimitReached` if a user has all the tokens that one may have."""
        found = await tokens_of(tx, user_id)
        living = sum(one.expire_time > now for one in found)
        if living >= self._most or len(found) >= MOST_STORED:
            raise TokenLimitReached({"limit": str(self._most)})

    async def _tenant(self, call: Call, tenant_id: UUID) -> LoginTenant:
        """The tenant of a new token."""
        user_id = call.caller.user_id
        user = await self._runtime.store.read(lambda tx: require_user(tx, user_id))
        tenant = await self._active_tenant.for_switch(user, tenant_id)
        if not tenant.programs_allowed:
            raise ProgramsNotAllowed
        if tenant.second_factor_required:
            require_assurance(call.caller, Assurance.AAL2)
        return tenant

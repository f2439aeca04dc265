"""What stands behind personal access tokens, for the exchange."""

from dataclasses import replace
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from kernel.storage import Read, Write
from services.auth.bearer_tokens.errors import ProgramsNotAllowed
from services.auth.bearer_tokens.format import BearerKind
from services.auth.bearer_tokens.life import end_by_policy, is_noted
from services.auth.bearer_tokens.sources import user_claims
from services.auth.logins.active_tenant import ActiveTenant
from services.auth.personal_access_tokens.model import PersonalAccessToken
from services.auth.personal_access_tokens.repository import PERSONAL_ACCESS_TOKENS, find_token
from services.auth.tokens.access import Claims
from services.auth.users.model import User
from services.auth.users.repository import USERS


class PersonalCredential(NamedTuple):
    """A personal access token and its user, as stored."""

    token: PersonalAccessToken
    user: User

    @property
    def secret_hash(self) -> bytes:
        """SHA-256 of the secret."""
        return self.token.secret_hash

    @property
    def expire_time(self) -> datetime:
        """When the token ends."""
        return self.token.expire_time

    @property
    def last_used_time(self) -> datetime | None:
        """Its last use, as far as it was noted."""
        return self.token.last_used_time


class PersonalTokenSource:
    """The source of `cdt_pat_`."""

    kind = BearerKind.PERSONAL

    def __init__(self, active_tenant: ActiveTenant) -> None:
        self._active_tenant = active_tenant

    async def find(self, tx: Read, token_id: UUID) -> PersonalCredential | None:
        """The token with its user; None once it is revoked."""
        token = await find_token(tx, token_id)
        user = None if token is None else await USERS.get(tx, token.user_id)
        return None if token is None or user is None else PersonalCredential(token, user)

    async def claims(self, credential: PersonalCredential) -> Claims:
        """What the user is in the tenant of the token by now.

        Raises `TenantNotFound`, `TenantSuspended`, `TenantsUnavailable`, `ProgramsNotAllowed`.
        """
        token, user = credential
        tenant = await self._active_tenant.for_switch(user, token.tenant_id)
        if not tenant.programs_allowed:
            raise ProgramsNotAllowed
        return user_claims(
            user,
            tenant,
            source_id=token.token_id,
            token_id=token.token_id,
            scopes=token.scopes,
            auth_time=token.auth_time,
            methods=token.methods,
            not_after=end_by_policy(
                token.create_time, token.expire_time, tenant.longest_token_days
            ),
        )

    async def note_use(self, tx: Write, token_id: UUID, now: datetime) -> None:
        """Notes a use, at most once an hour. Does nothing for a token that is gone."""
        token = await find_token(tx, token_id)
        if token is not None and not is_noted(token.last_used_time, now):
            await PERSONAL_ACCESS_TOKENS.put(tx, replace(token, last_used_time=now))

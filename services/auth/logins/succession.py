"""A new login in the place of the caller's, with tokens of its own.

So every authentication, and every further factor, gives new tokens, and those of before end (ASVS 5.0,
7.2.4).
"""

from dataclasses import replace
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from kernel.identity.callers import Assurance, Call, Caller
from kernel.runtime import Runtime
from kernel.storage import Write
from services.auth.logins.devices import end_login
from services.auth.logins.model import Login, Method, Tokens, assurance_of, together
from services.auth.logins.repository import LOGINS, require_login
from services.auth.logins.start import StartLogin
from services.auth.tokens.access import Claims, TokenMetadata
from services.auth.tokens.refresh import RefreshToken
from services.auth.users.model import User


class Successor(NamedTuple):
    """The login that is to take the place of the caller's.

    Attributes:
        token: Its first refresh token.
        token_id: The id of its first access token.
        now: When it begins.
    """

    token: RefreshToken
    token_id: UUID
    now: datetime

    @property
    def login_id(self) -> UUID:
        """The id of the login."""
        return self.token.login_id


class LoginSuccession:
    """Replaces logins of callers."""

    def __init__(self, runtime: Runtime, start: StartLogin) -> None:
        self._runtime = runtime
        self._start = start

    def new(self, call: Call) -> Successor:
        """A successor of the caller's login; not yet stored."""
        ids = self._runtime.ids
        token = RefreshToken(call.caller.user_id, ids.uuid(), ids.secret())
        return Successor(token, ids.uuid(), self._runtime.clock.now())

    async def put(
        self,
        tx: Write,
        call: Call,
        new: Successor,
        methods: frozenset[Method],
        *,
        renews: bool = True,
    ) -> Login:
        """Stores a successor, and ends the caller's login. Raises `AccessTokenRevoked`.

        Args:
            tx: The transaction.
            call: The call.
            new: The successor.
            methods: What the user has proved, in addition to what the login has proved before.
            renews: Whether that counts as a further proof of who the user is.
        """
        old = await require_login(tx, call.caller.user_id, call.caller.login_id)
        proved = together(old.methods, methods)
        login = self._start.successor(old, new.token, call.device, new.now, proved)
        if not renews:
            login = replace(login, auth_time=old.auth_time)
        await end_login(tx, old, new.now)
        await LOGINS.put(tx, login)
        return login

    def tokens(self, caller: Caller, user: User, login: Login, new: Successor) -> Tokens:
        """The tokens of a successor.

        The access token is for the same tenant, in the same role and epoch as the token of the call.
        Tenants need not be asked: a change of the membership revokes both tokens by the epoch.
        """
        metadata = TokenMetadata(new.token_id, new.now)
        return self._start.issue(_claims(caller, user, login), login, new.token, metadata)


def _claims(caller: Caller, user: User, login: Login) -> Claims:
    assurance = assurance_of(login.methods)
    return Claims(
        user_id=caller.user_id,
        email_verified=user.email_verified,
        login_id=login.login_id,
        tenant_id=caller.tenant_id,
        role=str(caller.role),
        tenant_epoch=caller.tenant_epoch,
        tenant_suspended=caller.tenant_suspended,
        auth_time=login.auth_time,
        methods=tuple(sorted(login.methods)),
        assurance=str(assurance),
        second_factor=user.second_factor,
        second_factor_required=caller.second_factor_required and assurance < Assurance.AAL2,
        not_after=login.expire_time,
        # Only a user's own login has a successor, never a grant (see `StartLogin.tokens`).
        operator=user.operator and assurance >= Assurance.AAL2,
    )

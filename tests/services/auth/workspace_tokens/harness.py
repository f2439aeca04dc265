"""What the tests of workspace tokens share."""

from dataclasses import replace
from uuid import UUID

from kernel.identity.callers import Call, Caller
from services.auth.logins.model import LoginResult
from services.auth.workspace_tokens.model import NewWorkspaceToken, RequestedWorkspaceToken
from services.auth.workspace_tokens.repository import find_token
from tests.services.auth.harness import AuthHarness

NO_SCOPES = frozenset[str]()
"""A request without scopes."""


class Place:
    """A user at work in a session.

    Attributes:
        harness: The use cases.
        result: The login of the user.
        caller: The caller of that login.
        session_id: The session.
    """

    def __init__(self, harness: AuthHarness, result: LoginResult) -> None:
        self.harness = harness
        self.result = result
        self.caller = harness.caller(result)
        self.session_id = self.open(self.caller)

    def open(self, caller: Caller) -> UUID:
        """Another session of a user in the active tenant."""
        return self.harness.sessions.put(caller.user_id, caller.tenant_id)

    async def make(
        self,
        caller: Caller | None = None,
        scopes: frozenset[str] = NO_SCOPES,
        agent: str = "",
        session_id: UUID | None = None,
    ) -> NewWorkspaceToken:
        """A new token, by default of the user's login in the session."""
        requested = RequestedWorkspaceToken(session_id or self.session_id, scopes, agent)
        return await self.harness.workspace_tokens.create(self.call(caller), requested)

    def call(self, caller: Caller | None = None) -> Call:
        """A call of the user, or of another caller."""
        return self.harness.call(caller or self.caller)

    async def used(self, new: NewWorkspaceToken) -> Caller:
        """The caller of a use of a token. Raises `BearerTokenRefused`."""
        return await self.harness.exchanged(new.text)

    async def is_stored(self, new: NewWorkspaceToken) -> bool:
        """Whether a token is in the store."""
        found = await self.harness.store.read(lambda tx: find_token(tx, new.token.token_id))
        return found is not None

    async def revoke(self, new: NewWorkspaceToken, caller: Caller | None = None) -> None:
        """Revokes a token."""
        session_id, token_id = new.token.session_id, new.token.token_id
        await self.harness.workspace_tokens.revoke(self.call(caller), session_id, token_id)

    def program(self, *scopes: str) -> Caller:
        """The user's login as a program with those scopes has it."""
        return replace(self.caller, client_id="coditect-cli", scopes=frozenset(scopes))

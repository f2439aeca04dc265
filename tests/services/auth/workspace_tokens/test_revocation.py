"""The end of workspace tokens: revoked, or with what they come from."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from kernel.errors import (
    AccessTokenRevoked,
    ServiceError,
    SessionNotFound,
)
from kernel.identity.scopes import (
    SESSIONS_WRITE,
)
from services.auth.workspace_tokens import repository
from services.auth.workspace_tokens.errors import (
    WorkspaceTokenNotFound,
)
from services.auth.workspace_tokens.model import (
    NewWorkspaceToken,
)
from tests.services.auth.harness import PASSWORD
from tests.services.auth.workspace_tokens.harness import Place
from tests.support.clock import FixedClock

WRITE = frozenset({SESSIONS_WRITE})
DAY = timedelta(days=1)


class TestRevocation:
    """Who revokes which token."""

    async def test_the_user_revokes_any(self, place: Place) -> None:
        """Also from another login; then it is not found any more."""
        new = await place.make()
        await place.revoke(new, place.harness.caller(await place.harness.log_in()))
        assert not await place.is_stored(new)
        with pytest.raises(WorkspaceTokenNotFound):
            await place.revoke(new)

    async def test_other_callers_find_no_token(self, place: Place) -> None:
        """Another user, the user in another tenant, and a token of another session."""
        new = await place.make()
        for caller in (
            replace(place.caller, user_id=uuid4()),
            replace(place.caller, tenant_id=uuid4()),
            replace(place.caller, session_id=uuid4(), token_id=uuid4()),
        ):
            with pytest.raises(WorkspaceTokenNotFound):
                await place.revoke(new, caller)
        assert await place.is_stored(new)

    async def test_a_token_revokes_itself_and_its_own(self, place: Place) -> None:
        """Neither the one that has made it, nor one beside it."""
        parent, other = await place.make(), await place.make()
        own = await place.make(await place.used(parent))
        child = await place.make(await place.used(own))
        caller = await place.used(own)
        for new in (parent, other):
            with pytest.raises(WorkspaceTokenNotFound):
                await place.revoke(new, caller)
        await place.revoke(child, caller)
        await place.revoke(own, caller)
        assert [await place.is_stored(one) for one in (parent, other, own, child)] == [
            True,
            True,
            False,
            False,
        ]

    async def test_an_expired_token_is_not_found(self, place: Place, clock: FixedClock) -> None:
        """Nor listed; the sweeper has yet to remove it."""
        new = await place.make()
        clock.advance(days=1)
        assert await place.harness.workspace_tokens.list(place.call(), place.session_id) == []
        with pytest.raises(WorkspaceTokenNotFound):
            await place.revoke(new)


async def test_a_token_of_a_login_that_has_ended(place: Place) -> None:
    """It is not listed, and makes no other."""
    other = place.harness.caller(await place.harness.log_in())
    new = await place.make(other)
    await place.harness.devices.end(place.call(), other.login_id)
    assert await place.harness.workspace_tokens.list(place.call(), place.session_id) == []
    assert await place.is_stored(new)
    with pytest.raises(AccessTokenRevoked):
        await place.make(other)


async def test_the_end_of_a_session_while_a_token_is_made(place: Place) -> None:
    """Sessions answers that it lives, and it ends before the token is stored: there is none."""

    async def end() -> None:
        await place.harness.end_session_tokens.end(place.caller.user_id, place.session_id)

    place.harness.sessions.meanwhile = end
    with pytest.raises(SessionNotFound):
        await place.make()
    found = await place.harness.store.read(
        lambda tx: repository.tokens_of_session(tx, place.caller.user_id, place.session_id)
    )
    assert found == []


async def test_a_token_and_the_end_of_its_session_at_once(place: Place) -> None:
    """In any order of the commits there is no token of a session that has ended."""
    harness, user_id = place.harness, place.caller.user_id
    for _ in range(50):
        session_id = place.open(place.caller)
        made, _ended = await asyncio.gather(
            place.make(session_id=session_id),
            harness.end_session_tokens.end(user_id, session_id),
            return_exceptions=True,
        )
        assert isinstance(made, SessionNotFound | NewWorkspaceToken), made

        async def read(session_id: UUID = session_id) -> list[object]:
            return list(
                await harness.store.read(
                    lambda tx: repository.tokens_of_session(tx, user_id, session_id)
                )
            )

        assert await read() == []


async def test_an_account_takes_its_tokens_along(place: Place) -> None:
    """Its deletion removes every row of them."""
    new = await place.make()
    await place.harness.deletion.delete(place.call(), PASSWORD)
    assert not await place.is_stored(new)
    counted = repository.WORKSPACE_TOKEN_COUNT.key(place.caller.user_id)
    assert await place.harness.store.read(lambda tx: tx.get(counted)) is None
    with pytest.raises(ServiceError):
        await place.make()

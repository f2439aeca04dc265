"""What a client ends by a token."""

import pytest

from services.auth.authorizations.errors import UnsupportedTokenType
from services.auth.oauth_clients.built_in import CLI, IDE
from services.auth.security_log.model import Event
from tests.services.auth.harness import AuthHarness
from tests.services.auth.oauth.harness import Endpoints, is_refused
from tests.support.store import WatchedStore, dump


@pytest.mark.parametrize("kind", ["refresh_token", "access_token"])
async def test_a_token_ends_its_grant(
    endpoints: Endpoints, harness: AuthHarness, kind: str
) -> None:
    """Either of both ends both, everywhere (RFC 7009, section 2.1), and no other grant."""
    user = await harness.register()
    answer, other = await endpoints.grant(user), await endpoints.grant(user)
    await endpoints.revoke(getattr(answer, kind))
    assert not await endpoints.is_accepted(answer)
    assert await is_refused(endpoints.refresh(answer))
    assert await endpoints.is_accepted(other)
    assert (await harness.events(user))[0] is Event.PROGRAM_REMOVED


async def test_a_spent_refresh_token_ends_its_grant(
    endpoints: Endpoints, harness: AuthHarness
) -> None:
    """As it would at the token endpoint."""
    first = await endpoints.grant(await harness.register())
    second = await endpoints.refresh(first)
    await endpoints.revoke(first.refresh_token or "")
    assert not await endpoints.is_accepted(second)


async def test_other_tokens_change_nothing_and_get_the_same_answer(
    endpoints: Endpoints, harness: AuthHarness, watched: WatchedStore
) -> None:
    """Noise, what has ended, and tokens of other clients and of logins: their bearer learns nothing."""
    user = await harness.register()
    answer = await endpoints.grant(user)
    ended = await endpoints.grant(user)
    await endpoints.revoke(ended.refresh_token or "")
    before = await dump(watched)
    for client in (IDE, await endpoints.dynamic_client()):
        before = await dump(watched)
        for token in (answer.refresh_token, answer.access_token, answer.id_token):
            await endpoints.revoke(token or "", client)
    for text in (
        "noise",
        "cdt_pat_noise",
        ended.refresh_token or "",
        ended.access_token,
        user.tokens.access_token,
        user.tokens.refresh_token or "",
    ):
        await endpoints.revoke(text)
    assert await dump(watched) == before
    assert await endpoints.is_accepted(answer)


async def test_a_token_of_another_grant_ends_by_itself(
    endpoints: Endpoints, harness: AuthHarness
) -> None:
    """What a client got by an exchange does not end the grant behind it (RFC 7009, section 2.2.1)."""
    answer = await endpoints.grant(await harness.register())
    exchanged = await endpoints.exchange(answer.access_token, IDE)
    with pytest.raises(UnsupportedTokenType):
        await endpoints.revoke(exchanged.access_token, IDE)
    assert await endpoints.is_accepted(answer)
    await endpoints.revoke(answer.access_token, CLI)
    assert not await endpoints.is_accepted(exchanged)
    await endpoints.revoke(exchanged.access_token, IDE)

"""Workspace tokens: who makes and lists them, and that none has more than its maker."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from kernel.errors import (
    AccessTokenRevoked,
    ScopeMissing,
    SessionNotFound,
    TenantNotFound,
)
from kernel.identity.callers import Caller, Role
from kernel.identity.programs import Program
from kernel.identity.scopes import (
    ACCOUNT_READ,
    SESSIONS_READ,
    SESSIONS_WRITE,
    TENANTS_READ,
)
from kernel.storage import Write
from services.auth.bearer_tokens.errors import ProgramsNotAllowed
from services.auth.bearer_tokens.exchange import BearerTokenRefused
from services.auth.clients import SessionsUnavailable
from services.auth.security_log.model import Event
from services.auth.workspace_tokens import repository
from services.auth.workspace_tokens.errors import (
    AgentChainTooLong,
    WorkspaceTokenLimitReached,
)
from services.auth.workspace_tokens.model import (
    DEFAULT_SCOPES,
    MOST_AGENTS,
    SCOPES,
)
from tests.services.auth.harness import PASSWORD, AuthHarness, make_settings
from tests.services.auth.workspace_tokens.harness import Place
from tests.support.clock import START, FixedClock
from tests.support.store import rows_between

WRITE = frozenset({SESSIONS_WRITE})
DAY = timedelta(days=1)


async def test_a_token_acts_in_its_session(place: Place) -> None:
    """Its access token names user, login, session, token and agent, and has the default scopes."""
    new = await place.make(agent="reviewer")
    caller = await place.used(new)
    own = place.caller
    assert (caller.user_id, caller.tenant_id, caller.role) == (
        own.user_id,
        own.tenant_id,
        Role.OWNER,
    )
    assert (caller.login_id, caller.session_id) == (own.login_id, place.session_id)
    assert (caller.token_id, caller.agent) == (new.token.token_id, "reviewer")
    assert caller.scopes == DEFAULT_SCOPES
    assert caller.is_program
    assert new.token.expire_time == START + DAY


async def test_an_agent_without_a_name(place: Place) -> None:
    """It is called by the place where it works."""
    assert (await place.used(await place.make())).agent == "workspace"


async def test_a_session_has_several_tokens(place: Place) -> None:
    """Each is listed, without its secret, in the order of the ids."""
    made = [await place.make(agent=agent) for agent in ("one", "two", "three")]
    listed = await place.harness.workspace_tokens.list(place.call(), place.session_id)
    assert listed == sorted((new.token for new in made), key=lambda token: token.token_id.bytes)


async def test_the_list_of_others(place: Place) -> None:
    """Another user, another tenant and another session have none of them."""
    await place.make()
    listed = place.harness.workspace_tokens.list
    for caller in (
        replace(place.caller, user_id=uuid4()),
        replace(place.caller, tenant_id=uuid4()),
        replace(place.caller, session_id=uuid4()),
    ):
        assert await listed(place.call(caller), place.session_id) == []
    assert await listed(place.call(), place.open(place.caller)) == []


@pytest.mark.parametrize("wanted", [{SESSIONS_READ}, {SESSIONS_READ, TENANTS_READ}, SCOPES])
async def test_a_login_gives_any_scope_of_workspaces(place: Place, wanted: set[str]) -> None:
    """As few or as many as it asks for."""
    new = await place.make(scopes=frozenset(wanted))
    assert new.token.scopes == wanted == (await place.used(new)).scopes


async def test_a_program_gives_no_more_than_it_has(place: Place) -> None:
    """The token has what is asked for, as far as the program has it; nothing is refused."""
    program = place.program(SESSIONS_WRITE, TENANTS_READ)
    assert (await place.make(program)).token.scopes == WRITE
    every = await place.make(program, SCOPES)
    assert every.token.scopes == {SESSIONS_WRITE, TENANTS_READ}
    for nothing in ({ACCOUNT_READ}, {ACCOUNT_READ, SESSIONS_READ}):
        with pytest.raises(ScopeMissing):
            await place.make(program, frozenset(nothing))


async def test_no_scope_of_logins_gets_into_a_token(place: Place) -> None:
    """Not even if a request names one that the contract does not list."""
    new = await place.make(scopes=frozenset({"login", "account:write", SESSIONS_READ}))
    assert new.token.scopes == {SESSIONS_READ}
    with pytest.raises(ScopeMissing):
        await place.make(scopes=frozenset({"login"}))


@pytest.mark.parametrize(
    "values",
    [
        {"token_id": UUID(int=1, version=4)},
        {"token_id": UUID(int=1, version=4), "is_service_account": True},
        {"is_service_account": True},
    ],
)
async def test_what_has_no_login_makes_no_token(place: Place, values: dict[str, object]) -> None:
    """A personal token and the key of a service account: nothing would end with them."""
    with pytest.raises(ScopeMissing):
        await place.make(replace(place.caller, **values))  # type: ignore[arg-type]


async def test_a_session_of_another(place: Place) -> None:
    """Of another user, of another tenant, or of none: it is not found."""
    other = await place.harness.register("Bob@Example.com")
    theirs = place.open(place.harness.caller(other))
    elsewhere = place.open(replace(place.caller, tenant_id=uuid4()))
    for session_id in (theirs, elsewhere, uuid4()):
        with pytest.raises(SessionNotFound):
            await place.make(session_id=session_id)


async def test_without_sessions_no_token_is_made(place: Place) -> None:
    """A retry may help."""
    place.harness.sessions.refusal = SessionsUnavailable()
    with pytest.raises(SessionsUnavailable):
        await place.make()


class TestOrganization:
    """In an organization, tenants is asked for the membership of now."""

    async def test_the_role_is_the_smaller_one(self, place: Place) -> None:
        """That of the caller's token, or that of the membership."""
        harness, user_id = place.harness, place.caller.user_id
        for stored, shown, wanted in (
            (Role.ADMIN, Role.MEMBER, Role.MEMBER),
            (Role.MEMBER, Role.ADMIN, Role.MEMBER),
            (Role.ADMIN, Role.ADMIN, Role.ADMIN),
        ):
            tenant = harness.memberships.put(user_id, stored)
            caller = replace(place.caller, tenant_id=tenant.tenant_id, role=shown)
            new = await place.make(caller, session_id=place.open(caller))
            assert new.token.role == wanted
            assert (await place.used(new)).role == wanted

    async def test_without_a_membership(self, place: Place) -> None:
        """The tenant is not found."""
        caller = replace(place.caller, tenant_id=uuid4())
        with pytest.raises(TenantNotFound):
            await place.make(caller, session_id=place.open(caller))

    async def test_programs_that_are_not_allowed(self, place: Place) -> None:
        """No token is made, and one from before gives no access."""
        harness, caller = place.harness, self._member(place)
        session_id = place.open(caller)
        new = await place.make(caller, session_id=session_id)
        key = caller.user_id, caller.tenant_id
        harness.memberships.of[key] = replace(harness.memberships.of[key], programs_allowed=False)
        with pytest.raises(ProgramsNotAllowed):
            await place.make(caller, session_id=session_id)
        with pytest.raises(BearerTokenRefused):
            await place.used(new)

    async def test_the_longest_life_by_the_policy(self, place: Place) -> None:
        """It counts where it is shorter than the setting."""
        settings = make_settings(WORKSPACE_TOKEN_SECONDS=str(20 * 86_400))
        harness = AuthHarness(place.harness.store, place.harness.clock, settings, seed=6)
        await harness.signing_keys.refresh()
        place = Place(harness, place.result)
        for days, wanted in ((0, 20), (3, 3), (30, 20)):
            caller = self._member(place)
            key = caller.user_id, caller.tenant_id
            asks = replace(harness.memberships.of[key], longest_token_days=days)
            harness.memberships.of[key] = asks
            new = await place.make(caller, session_id=place.open(caller))
            assert new.token.expire_time == START + timedelta(days=wanted)
        await harness.passwords.close()

    def _member(self, place: Place) -> Caller:
        """The user as a member of a new organization."""
        tenant = place.harness.memberships.put(place.caller.user_id, Role.MEMBER)
        return replace(place.caller, tenant_id=tenant.tenant_id, role=Role.MEMBER)


async def test_the_number_of_tokens_is_limited(place: Place, clock: FixedClock) -> None:
    """Those of a session; one that has expired or was revoked makes room."""
    made = [await place.make() for _ in range(20)]
    with pytest.raises(WorkspaceTokenLimitReached) as error:
        await place.make()
    assert error.value.metadata == {"limit": "20"}
    await place.make(session_id=place.open(place.caller))
    await place.revoke(made[7])
    await place.make()
    clock.advance(days=1)
    await place.make()


async def test_the_number_of_a_users_tokens_is_limited(place: Place) -> None:
    """Over all sessions, so that the transaction that deletes the user can take them all."""
    token = (await place.make()).token

    async def fill(tx: Write) -> None:
        for _ in range(repository.MOST_OF_USER - 1):
            more = replace(token, token_id=uuid4(), session_id=uuid4())
            await repository.WORKSPACE_TOKENS.put(tx, more)

    await place.harness.store.write(fill)
    with pytest.raises(WorkspaceTokenLimitReached) as error:
        await place.make()
    assert error.value.metadata == {"limit": "1000"}
    await place.harness.deletion.delete(place.call(), PASSWORD)
    rows = repository.WORKSPACE_TOKEN.range(place.caller.user_id)
    assert await rows_between(place.harness.store, *rows) == []


async def test_the_log_names_the_token_and_its_agent(place: Place) -> None:
    """Of a token that is made and of one that is revoked, with the program that did it."""
    program = place.program(SESSIONS_WRITE)
    new = await place.make(program, agent="reviewer")
    await place.revoke(new)
    activity, _ = await place.harness.activity.list(place.call(), 2, "")
    token_id = new.token.token_id
    assert [(one.event, one.program) for one in activity] == [
        (Event.WORKSPACE_TOKEN_REVOKED, Program("", token_id, "reviewer")),
        (Event.WORKSPACE_TOKEN_CREATED, Program("coditect-cli", token_id, "reviewer")),
    ]


class TestChain:
    """A workspace token makes others for its own agents."""

    async def test_it_names_every_agent(self, place: Place) -> None:
        """The last one first, and each only once."""
        new = await place.make(agent="a")
        for name in ("b", "c"):
            new = await place.make(await place.used(new), agent=name)
        assert new.token.agents == ("c", "b", "a")
        assert new.token.actor.claim() == {"sub": "c", "act": {"sub": "b", "act": {"sub": "a"}}}
        assert (await place.used(new)).agent == "c"

    async def test_it_never_widens(self, place: Place) -> None:
        """Scopes, role and life are at most those of the token before."""
        new = await place.make(scopes=frozenset({SESSIONS_WRITE, TENANTS_READ}))
        place.harness.clock.advance(hours=1)
        await place.harness.follow()
        child = await place.make(await place.used(new), SCOPES)
        assert child.token.scopes == {SESSIONS_WRITE, TENANTS_READ}
        assert child.token.expire_time == new.token.expire_time
        narrow = await place.make(await place.used(child), WRITE)
        with pytest.raises(ScopeMissing):
            await place.make(await place.used(narrow), frozenset({TENANTS_READ}))

    async def test_it_stays_in_its_session(self, place: Place) -> None:
        """Another session of the user is not found."""
        caller = await place.used(await place.make())
        with pytest.raises(SessionNotFound):
            await place.make(caller, session_id=place.open(place.caller))

    async def test_it_ends_somewhere(self, place: Place) -> None:
        """A chain has a most number of agents, and an access token room for them."""
        new = await place.make()
        for _ in range(MOST_AGENTS - 1):
            new = await place.make(await place.used(new))
        with pytest.raises(AgentChainTooLong):
            await place.make(await place.used(new))

    async def test_an_exchanged_token_names_who_exchanged_it(self, place: Place) -> None:
        """Its access token has another actor than the workspace token (RFC 8693)."""
        new = await place.make(agent="a")
        exchanged = replace(await place.used(new), agent="client")
        assert (await place.make(exchanged, agent="b")).token.agents == ("b", "client", "a")

    @pytest.mark.parametrize("agent", ["", "a"])
    async def test_an_exchanged_token_makes_none_that_lives_for_longer(
        self, place: Place, agent: str
    ) -> None:
        """Whether it comes from a login or from a workspace token: it was lent for some minutes."""
        caller = await place.used(await place.make(agent=agent)) if agent else place.caller
        end = caller.expire_second - 60
        lent = replace(caller, agent="client", expire_second=end)
        # The agent has the name of the client, which is not named twice.
        hidden = replace(caller, client_id="a", expire_second=end)
        for one in (lent, hidden):
            made = await place.make(one, agent="b")
            assert made.token.expire_time.timestamp() == end

    async def test_it_ends_with_the_one_before(self, place: Place) -> None:
        """A token that is revoked takes those along that it has made, and no other."""
        first, other = await place.make(agent="a"), await place.make(agent="x")
        second = await place.make(await place.used(first), agent="b")
        third = await place.make(await place.used(second), agent="c")
        await place.revoke(second)
        assert [await place.is_stored(one) for one in (first, second, third, other)] == [
            True,
            False,
            False,
            True,
        ]

    async def test_a_revoked_token_makes_none(self, place: Place) -> None:
        """Its access token is trusted for a moment after its end."""
        new = await place.make()
        caller = await place.used(new)
        await place.revoke(new)
        with pytest.raises(AccessTokenRevoked):
            await place.make(caller)

"""Codes of programs that are used while their users and other replicas do something else."""

from uuid import UUID

from kernel.identity.callers import Caller
from services.auth.logins.model import Login
from services.auth.logins.repository import logins_of
from services.auth.oauth.model import TokenAnswer
from tests.races.race import Race, reason_of
from tests.races.scenario import CHANGES, REMOVAL, accepted, begin, deliver_all
from tests.services.auth.harness import PASSWORD
from tests.services.auth.oauth.harness import Endpoints
from tests.support.in_process import InProcessSystem

SOME_USES = 3


def endpoints_of(systems: list[InProcessSystem]) -> list[Endpoints]:
    """The endpoints of OAuth of each replica."""
    return [Endpoints(system.auth) for system in systems]


async def grants(system: InProcessSystem, user_id: UUID) -> list[Login]:
    """The grants of a user in the store."""
    found = await system.auth.store.read(lambda tx: logins_of(tx, user_id))
    return [login for login in found if login.is_grant]


def caller_of(endpoints: Endpoints, answer: TokenAnswer) -> Caller:
    """The caller that an access token names, on any replica."""
    return endpoints.caller(answer)


async def test_a_code_gives_one_grant_at_most(systems: list[InProcessSystem], race: Race) -> None:
    """Of several uses in several replicas one gets tokens, and the others end them."""
    replicas = endpoints_of(systems)
    for number in race.rounds():
        user = await systems[0].register(number)
        code = await replicas[0].code(user)
        some = race.random.choices(replicas, k=SOME_USES)
        outcomes = await race.run(*(one.redeem(code) for one in some))
        answers = [one for one in outcomes if isinstance(one, TokenAnswer)]
        refused = [reason_of(one) for one in outcomes if not isinstance(one, TokenAnswer)]
        assert len(answers) == 1
        assert refused == ["INVALID_GRANT"] * (SOME_USES - 1)
        assert await grants(systems[0], user.user.user_id) == []
        for system in systems:
            await system.mark_fresh()
            assert not accepted(system, caller_of(replicas[0], answers[0]))


async def test_a_pushed_request_gives_one_code(systems: list[InProcessSystem], race: Race) -> None:
    """Of several answers to one name, one counts."""
    replicas = endpoints_of(systems)
    for number in race.rounds():
        user = await systems[0].register(number)
        name = (await replicas[0].push()).request_uri
        some = race.random.choices(replicas, k=SOME_USES)
        outcomes = await race.run(*(one.approve_pushed(user, name) for one in some))
        reasons = sorted(map(reason_of, outcomes))
        assert reasons == ["", *["AUTHORIZATION_REQUEST_INVALID"] * (SOME_USES - 1)]


async def test_no_grant_outlives_what_it_comes_from(
    systems: list[InProcessSystem], race: Race
) -> None:
    """Whether its user logs out everywhere or deletes the account while the code is used."""
    replicas = endpoints_of(systems)
    for number in race.rounds():
        user = await systems[0].register(number)
        code = await replicas[0].code(user)
        auth, some = race.random.choice(systems).auth, race.random.choice(replicas)
        call = auth.call(user)
        ending = auth.deletion.delete(call, PASSWORD) if number % 2 else auth.devices.end_all(call)
        ended, answer = await race.run(ending, some.redeem(code))
        assert reason_of(ended) == ""
        assert reason_of(answer) in {"", "INVALID_GRANT"}
        assert await grants(systems[0], user.user.user_id) == []
        for system in systems:
            await system.mark_fresh()
            if isinstance(answer, TokenAnswer):
                assert not accepted(system, caller_of(replicas[0], answer))


async def test_no_grant_outlives_its_membership(systems: list[InProcessSystem], race: Race) -> None:
    """Whether a member is removed while a code is used, a token exchanged or a grant refreshed."""
    replicas = endpoints_of(systems)
    for number in race.rounds():
        scenario = await begin(systems, race, number)
        client = await replicas[0].dynamic_client()
        request = await replicas[0].request(client)
        login = scenario.bob_login

        async def code(
            request: object = request, login: object = login, acme: UUID = scenario.acme
        ) -> str:
            answer = await replicas[0].approve(login, request, acme)  # type: ignore[arg-type]
            return answer.parameters["code"]

        before = await replicas[0].redeem(await code(), client)
        some = race.random.choices(replicas, k=2)
        removed, *answers = await race.run(
            CHANGES[REMOVAL](systems[0], scenario),
            some[0].redeem(await code(), client),
            some[1].refresh(before, client),
        )
        assert reason_of(removed) == ""
        assert {reason_of(one) for one in answers} <= {"", "INVALID_GRANT"}
        await deliver_all(systems)
        tokens = [before, *(one for one in answers if isinstance(one, TokenAnswer))]
        for token in tokens:
            assert not any(accepted(system, caller_of(replicas[0], token)) for system in systems)
            assert reason_of((await race.run(replicas[0].refresh(token, client)))[0]) != ""
        assert await grants(systems[0], scenario.bob.user_id) == []


async def test_a_refresh_and_its_copy(systems: list[InProcessSystem], race: Race) -> None:
    """A client that asks twice at once gets one successor; no token is left from a grant that ended."""
    replicas = endpoints_of(systems)
    for number in race.rounds():
        user = await systems[0].register(number)
        answer = await replicas[0].grant(user)
        some = race.random.choices(replicas, k=3)
        first, second, revoked = await race.run(
            some[0].refresh(answer),
            some[1].refresh(answer),
            some[2].revoke(answer.access_token),
        )
        assert reason_of(revoked) == ""
        answers = [one for one in (first, second) if isinstance(one, TokenAnswer)]
        assert len({one.refresh_token for one in answers}) <= 1
        for system in systems:
            await system.mark_fresh()
            for one in (answer, *answers):
                assert not accepted(system, caller_of(replicas[0], one))

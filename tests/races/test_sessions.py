"""Creating sessions while the sessions of a member or of a tenant end."""

import pytest

from tests.races.race import Race, reason_of
from tests.races.scenario import (
    CHANGES,
    DELETION,
    LEAVE,
    REMOVAL,
    begin,
    deliver_all,
    open_session,
    sessions_of,
)
from tests.support.in_process import InProcessSystem

MANY = 4


@pytest.mark.parametrize("name", [REMOVAL, LEAVE, DELETION])
async def test_no_session_outlives_the_membership(
    systems: list[InProcessSystem], race: Race, name: str
) -> None:
    """After delivery, the old token has no sessions and cannot create one."""
    for number in race.rounds():
        scenario = await begin(systems, race, number)
        answers = await race.reasons(
            CHANGES[name](race.random.choice(systems), scenario),
            race.random.choice(systems).deliver_revocations(),
            *(open_session(race.random.choice(systems), scenario.bob) for _ in range(MANY)),
        )
        assert set(answers) <= {"", "ACCESS_TOKEN_REVOKED"}
        await deliver_all(systems)
        assert await sessions_of(systems[0], scenario.bob) == []
        late = await race.reasons(*(open_session(system, scenario.bob) for system in systems))
        assert late == ["ACCESS_TOKEN_REVOKED"] * 2


async def test_a_returning_member_keeps_new_sessions(
    systems: list[InProcessSystem], race: Race
) -> None:
    """The old sessions end and the new ones stay, at any time of the delivery."""
    for number in race.rounds():
        scenario = await begin(systems, race, number)
        await CHANGES[REMOVAL](systems[0], scenario)
        bob = await scenario.return_bob(systems[1])
        some = race.random.choices(systems, k=2 * MANY)
        results = await race.run(
            *(system.deliver_revocations() for system in systems),
            *(open_session(system, scenario.bob) for system in some[:MANY]),
            *(open_session(system, bob) for system in some[MANY:]),
        )
        new = results[-MANY:]
        assert [reason_of(one) for one in new] == [""] * MANY
        assert set(map(reason_of, results)) <= {"", "ACCESS_TOKEN_REVOKED"}
        await deliver_all(systems)
        kept = await sessions_of(systems[0], bob)
        assert sorted(one.session_id for one in kept) == sorted(one.session_id for one in new)

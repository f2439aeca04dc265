"""Sessions that are opened while those of a member, or of everybody in a tenant, end."""

import pytest

from tests.races.contest import Contest, reason_of
from tests.races.house import House
from tests.races.scene import (
    CHANGES,
    DELETION,
    LEAVE,
    REMOVAL,
    begin,
    open_session,
    sessions_of,
    tell,
)

MANY = 4


@pytest.mark.parametrize("name", [REMOVAL, LEAVE, DELETION])
async def test_none_outlives_its_reason(houses: list[House], contest: Contest, name: str) -> None:
    """Once all is told, there is none that was opened with a token from before, nor a new one."""
    for number in contest.rounds():
        scene = await begin(houses, contest, number)
        answers = await contest.reasons(
            CHANGES[name](contest.chance.choice(houses), scene),
            contest.chance.choice(houses).deliver(),
            *(open_session(contest.chance.choice(houses), scene.bob) for _ in range(MANY)),
        )
        assert set(answers) <= {"", "ACCESS_TOKEN_REVOKED"}
        await tell(houses)
        assert await sessions_of(houses[0], scene.bob) == []
        late = await contest.reasons(*(open_session(house, scene.bob) for house in houses))
        assert late == ["ACCESS_TOKEN_REVOKED"] * 2


async def test_what_is_new_stays(houses: list[House], contest: Contest) -> None:
    """All that a member opens who came back, and nothing else, whenever the old ones end."""
    for number in contest.rounds():
        scene = await begin(houses, contest, number)
        await CHANGES[REMOVAL](houses[0], scene)
        bob = await scene.return_bob(houses[1])
        some = contest.chance.choices(houses, k=2 * MANY)
        results = await contest.run(
            *(house.deliver() for house in houses),
            *(open_session(house, scene.bob) for house in some[:MANY]),
            *(open_session(house, bob) for house in some[MANY:]),
        )
        new = results[-MANY:]
        assert [reason_of(one) for one in new] == [""] * MANY
        assert set(map(reason_of, results)) <= {"", "ACCESS_TOKEN_REVOKED"}
        await tell(houses)
        kept = await sessions_of(houses[0], bob)
        assert sorted(one.session_id for one in kept) == sorted(one.session_id for one in new)

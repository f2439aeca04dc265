"""Lists of sessions: their order, their pages and their page tokens."""

import asyncio
from functools import partial

import pytest

from coditect.sessions.v5 import sessions_pb2 as pb
from coditect.sessions.v5.sessions_pb2_grpc import SessionsServiceStub
from kernel.errors import PageTokenInvalid, ServiceError
from kernel.identity.callers import Call, Caller
from services.sessions.model import SessionUpdate
from services.sessions.sessions import Sessions
from tests.services.sessions.harness import (
    DRAFT,
    List,
    admin_call,
    others,
    pages,
)
from tests.support.clock import FixedClock
from tests.support.service import Service
from tests.support.tokens import caller_of, somebody


async def test_pages_give_every_session_once(sessions: Sessions, caller: Caller) -> None:
    """250 sessions are returned in pages of the requested size, ordered by id."""
    made = await asyncio.gather(*(sessions.create(Call(caller), DRAFT) for _ in range(250)))
    in_order = sorted(made, key=lambda session: session.session_id)
    for list_page in (partial(sessions.list_own, by_id=True), sessions.list_of_tenant):
        for limit, sizes in {60: [60, 60, 60, 60, 10], 50: [50] * 5, 1000: [250]}.items():
            found = await pages(list_page, caller, limit)
            assert [len(page) for page in found] == sizes
            assert [session for page in found for session in page] == in_order


async def test_the_last_active_session_is_listed_first(
    sessions: Sessions, caller: Caller, clock: FixedClock
) -> None:
    """Sessions are listed in the reverse order of their last change or heartbeat, in pages."""
    made = []
    for _ in range(25):
        made.append((await sessions.create(Call(caller), DRAFT)).session_id)
        clock.advance(milliseconds=1)
    for number, changes in ((3, SessionUpdate()), (17, SessionUpdate(name="Other"))):
        await sessions.update(Call(caller), made[number], changes)
        made.append(made.pop(number))
        clock.advance(milliseconds=1)
    for limit, sizes in {10: [10, 10, 5], 25: [25], 24: [24, 1]}.items():
        found = await pages(sessions.list_own, caller, limit)
        assert [len(page) for page in found] == sizes
        assert [session.session_id for page in found for session in page] == made[::-1]


async def test_a_session_that_becomes_active_between_pages_is_not_lost(
    sessions: Sessions, caller: Caller, clock: FixedClock
) -> None:
    """It moves to the front: no later page has it, a new list begins with it, and no other moves."""
    made = []
    for _ in range(9):
        made.append((await sessions.create(Call(caller), DRAFT)).session_id)
        clock.advance(milliseconds=1)
    first = await sessions.list_own(Call(caller), 3, "")
    # One that was seen, the one at which the next page begins, and one further down.
    for number in (7, 6, 2):
        await sessions.update(Call(caller), made[number], SessionUpdate())
        clock.advance(milliseconds=1)
    rest, token = [], first.next_page_token
    while token:
        page = await sessions.list_own(Call(caller), 3, token)
        rest += [session.session_id for session in page.items]
        token = page.next_page_token
    assert [session.session_id for session in first.items] == [made[8], made[7], made[6]]
    assert rest == [made[5], made[4], made[3], made[1], made[0]]
    newest = (await sessions.list_own(Call(caller), 3, "")).items
    assert [session.session_id for session in newest] == [made[2], made[6], made[7]]


@pytest.mark.parametrize("by_id", [True, False])
async def test_pages_skip_expired_sessions(
    sessions: Sessions, caller: Caller, clock: FixedClock, *, by_id: bool
) -> None:
    """Expired sessions do not shorten a page, and the next one begins at the right place."""
    made = await asyncio.gather(*(sessions.create(Call(caller), DRAFT) for _ in range(40)))
    clock.advance(minutes=30)
    for session in made[::2]:
        await sessions.update(Call(caller), session.session_id, SessionUpdate())
    clock.advance(minutes=30)
    for list_page in (partial(sessions.list_own, by_id=by_id), sessions.list_of_tenant):
        found = await pages(list_page, caller, 8)
        assert [len(page) for page in found] == [8, 8, 4]
        assert {session.session_id for page in found for session in page} == {
            session.session_id for session in made[::2]
        }


async def test_page_tokens_are_good_for_their_list_only(sessions: Sessions) -> None:
    """A token of another user, tenant or scope is refused, and so is garbage."""
    owner = caller_of(somebody())
    for _ in range(3):
        await sessions.create(Call(owner), DRAFT)
    mine = (await sessions.list_own(Call(owner), 1, "")).next_page_token
    by_id = partial(sessions.list_own, by_id=True)
    mine_by_id = (await by_id(Call(owner), 1, "")).next_page_token
    of_tenant = sessions.list_of_tenant
    tenants = (await of_tenant(admin_call(owner), 1, "")).next_page_token
    assert (await sessions.list_own(Call(owner), 1, mine)).items
    assert (await by_id(Call(owner), 1, mine_by_id)).items
    assert (await of_tenant(admin_call(owner), 1, tenants)).items
    refused: list[tuple[List, Caller, str]] = [
        (sessions.list_own, owner, tenants),
        (of_tenant, owner, mine),
        (sessions.list_own, owner, mine_by_id),
        (by_id, owner, mine),
        (of_tenant, owner, mine_by_id),
        *((sessions.list_own, other, mine) for other in others(owner)),
        *((of_tenant, other, tenants) for other in others(owner)),
        *((sessions.list_own, owner, bad) for bad in ("x", "é", "\0", mine[:-1], mine + "A")),
        (sessions.list_own, owner, "A" * 100_000),
    ]
    for list_page, caller, token in refused:
        with pytest.raises(PageTokenInvalid):
            await list_page(admin_call(caller), 1, token)


async def test_sessions_are_listed_in_either_order(
    service: Service, stub: SessionsServiceStub
) -> None:
    """The last active first by default, or by id; the tenant's by id; tokens fit their order."""
    user, made = somebody(), []
    for _ in range(8):
        new = await service.call(stub.CreateSession, pb.CreateSessionRequest(), user=user)
        made.append(new.session.session_id)
        service.advance(seconds=1)
    beat = pb.UpdateSessionRequest(session_id=made[3])
    await service.call(stub.UpdateSession, beat, user=user)
    newest = [made[3], *reversed(made[4:]), *reversed(made[:3])]
    tokens = {}
    for scope, order, expected in (
        ("", "", newest),
        ("", "lastActiveTime desc", newest),
        ("mine", "sessionId", sorted(made)),
        ("tenant", "", sorted(made)),
        ("tenant", "sessionId", sorted(made)),
    ):
        request = pb.ListSessionsRequest(page_size=5, scope=scope, order_by=order)
        first = await service.call(stub.ListSessions, request, user=user)
        tokens[scope, order] = request.page_token = first.next_page_token
        rest = await service.call(stub.ListSessions, request, user=user)
        listed = [one.session_id for one in [*first.sessions, *rest.sessions]]
        assert listed == expected
    for scope, order, token in (
        ("", "", tokens["mine", "sessionId"]),
        ("", "sessionId", tokens["", ""]),
        ("tenant", "sessionId", tokens["mine", "sessionId"]),
    ):
        request = pb.ListSessionsRequest(scope=scope, order_by=order, page_token=token)
        with pytest.raises(ServiceError) as error:
            await service.call(stub.ListSessions, request, user=user)
        assert error.value.reason == "PAGE_TOKEN_INVALID"
    # Both spellings of the default are one list.
    request = pb.ListSessionsRequest(order_by="lastActiveTime desc", page_token=tokens["", ""])
    assert len((await service.call(stub.ListSessions, request, user=user)).sessions) == 3

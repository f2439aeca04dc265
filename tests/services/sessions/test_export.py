"""The export of a user's data: one line per session, in pages."""

import asyncio
import json
from typing import Any
from uuid import uuid4

import pytest
from google.protobuf.struct_pb2 import Struct

from coditect.sessions.internal.v1 import sessions_pb2 as internal_pb2
from coditect.sessions.internal.v1.sessions_pb2_grpc import SessionsInternalServiceStub
from coditect.sessions.v5 import sessions_pb2 as pb
from coditect.sessions.v5.sessions_pb2_grpc import SessionsServiceStub
from kernel.errors import PageTokenInvalid, ServiceError
from kernel.identity.callers import Call, Caller
from services.sessions.model import NewSession, Session, SessionUpdate
from services.sessions.sessions import Sessions
from tests.support.clock import START, FixedClock
from tests.support.service import Service
from tests.support.tokens import User, caller_of, somebody

DRAFT = NewSession("Name", "/work", b"")
ANSWER_BYTES = 4 << 20  # a gRPC client's limit
NOW = START.isoformat().replace("+00:00", "Z")


def members(count: int) -> list[Caller]:
    """One user in several tenants, ordered by tenant id."""
    user_id = uuid4()
    found = [caller_of(somebody(user_id=user_id)) for _ in range(count)]
    return sorted(found, key=lambda one: one.tenant_id)


async def make(sessions: Sessions, caller: Caller, count: int) -> list[Session]:
    """Creates sessions; returns them ordered by id."""
    made = await asyncio.gather(*(sessions.create(Call(caller), DRAFT) for _ in range(count)))
    return sorted(made, key=lambda one: one.session_id)


async def pages(sessions: Sessions, caller: Caller) -> list[list[Session]]:
    """All pages of an export."""
    found, token = [], ""
    while not found or token:
        page = await sessions.export(caller.user_id, token)
        found.append(page.items)
        token = page.next_page_token
    return found


async def export(service: Service, user: User, token: str = "") -> internal_pb2.ExportUserResponse:
    """A page of the export, requested as auth."""
    auth = service.peer("auth")
    request = internal_pb2.ExportUserRequest(user_id=str(user.user_id), page_token=token)
    return await auth.call(auth.stub(SessionsInternalServiceStub).ExportUser, request)


async def test_every_session_in_every_tenant_comes_once(sessions: Sessions) -> None:
    """Pages of 200 begin and end anywhere in a tenant, and contain no other user's sessions."""
    mine, others = members(6), members(1)
    await make(sessions, others[0], 1)
    made = [
        await make(sessions, caller, count)
        for caller, count in zip(mine, (1, 198, 1, 3, 240, 7), strict=True)
    ]
    found = await pages(sessions, mine[0])
    assert [len(page) for page in found] == [200, 200, 50]
    assert [one for page in found for one in page] == [one for some in made for one in some]


async def test_an_unknown_user_has_an_empty_export(sessions: Sessions) -> None:
    """The export of an unknown user is one empty page."""
    assert await pages(sessions, members(1)[0]) == [[]]


@pytest.mark.parametrize("ended", [1, 2])
async def test_an_export_skips_no_session_if_others_end(sessions: Sessions, ended: int) -> None:
    """No other session is skipped if one session or a whole tenant's end between two pages."""
    first, second = members(2)
    made = await make(sessions, first, 200)
    last = await make(sessions, first, ended - 1) + await make(sessions, second, 5)
    page = await sessions.export(first.user_id, "")
    if ended == 1:
        await sessions.delete_own(Call(first))
        assert (await sessions.export(first.user_id, page.next_page_token)).items == last
    else:
        shown = {one.session_id for one in page.items}
        await sessions.delete(Call(first), page.items[-1].session_id)
        rest = (await sessions.export(first.user_id, page.next_page_token)).items
        every = {one.session_id for one in [*made, *last]}
        assert {one.session_id for one in rest} == every - shown


async def test_expired_sessions_are_not_exported(sessions: Sessions, clock: FixedClock) -> None:
    """The export omits an expired session even before it is swept."""
    (caller,) = members(1)
    kept, _ = await make(sessions, caller, 2)
    clock.advance(minutes=30)
    kept = await sessions.update(Call(caller), kept.session_id, SessionUpdate())
    clock.advance(minutes=30)
    assert await pages(sessions, caller) == [[kept]]


async def test_a_page_token_is_valid_for_one_export(sessions: Sessions) -> None:
    """Tokens of another user's export or of a list, and garbage, are refused."""
    (caller,), (other,) = members(1), members(1)
    await make(sessions, caller, 201)
    token = (await sessions.export(caller.user_id, "")).next_page_token
    mine = (await sessions.list_own(Call(caller), 1, "")).next_page_token
    assert len((await sessions.export(caller.user_id, token)).items) == 1
    for user, bad in ((other, token), (caller, mine), (caller, "x"), (caller, token[:-1])):
        with pytest.raises(PageTokenInvalid):
            await sessions.export(user.user_id, bad)
    with pytest.raises(PageTokenInvalid):
        await sessions.list_own(Call(caller), 1, token)


async def test_a_line_is_the_public_session(service: Service, stub: SessionsServiceStub) -> None:
    """A line is a JSON object with its kind and all fields, in the gateway's JSON form."""
    user = somebody(tenant_epoch=3)
    state = Struct()
    state.update({"open": ["a.py", None, "é\u2028\n"]})
    request = pb.CreateSessionRequest(name="Name é", workspace_path="/w", state=state)
    session = (await service.call(stub.CreateSession, request, user=user)).session
    answer = await export(service, user)
    (line,) = answer.lines
    assert answer.next_page_token == ""
    assert "\n" not in line
    assert json.loads(line) == {
        "kind": "session",
        "sessionId": session.session_id,
        "tenantId": str(user.tenant_id),
        "userId": str(user.user_id),
        "name": "Name é",
        "workspacePath": "/w",
        "state": {"open": ["a.py", None, "é\u2028\n"]},
        "revision": 1,
        "createTime": NOW,
        "updateTime": NOW,
        "lastActiveTime": NOW,
        "expireTime": NOW.replace("T03", "T04"),
    }


@pytest.mark.parametrize(
    ("state", "count"),
    [({"a": "\x01" * 10_900}, 60), ({"a": [0] * 9_990}, 8), ({"a": "\U0001d49c" * 16_300}, 20)],
    ids=["escapes", "numbers", "text"],
)
async def test_pages_fit_into_an_answer(
    service: Service, stub: SessionsServiceStub, state: dict[str, Any], count: int
) -> None:
    """Pages stay below a response's size limit, for any amount and content of state."""
    user, message = somebody(), Struct()
    message.update(state)
    request = pb.CreateSessionRequest(name="n" * 200, state=message)
    for _ in range(count):
        await service.call(stub.CreateSession, request, user=user)
    lines, token, answers = 0, "", 0
    while not answers or token:
        answer = await export(service, user, token)
        assert answer.ByteSize() < ANSWER_BYTES
        assert all(json.loads(line)["state"] == state for line in answer.lines)
        lines, token, answers = lines + len(answer.lines), answer.next_page_token, answers + 1
    assert lines == count
    assert answers > 1


async def test_export_user_refuses_a_bad_page_token(service: Service) -> None:
    """Auth gets PAGE_TOKEN_INVALID for a bad page token."""
    with pytest.raises(ServiceError) as error:
        await export(service, somebody(), "x")
    assert error.value.reason == "PAGE_TOKEN_INVALID"

"""Sessions' public methods over gRPC, as the gateway calls them."""

import asyncio
from dataclasses import replace
from typing import Any, cast
from uuid import uuid4

import pytest
from google.protobuf.struct_pb2 import Struct

from coditect.sessions.v5 import sessions_pb2 as pb
from coditect.sessions.v5.sessions_pb2_grpc import SessionsServiceStub
from kernel.errors import Kind, ServiceError
from kernel.identity.callers import Role
from kernel.storage import Store, Write
from kernel.storage.recipes.idempotency import KEYS_PER_CALLER
from services.sessions import keys
from tests.support.clock import START
from tests.support.service import Service
from tests.support.store import rows_between
from tests.support.tokens import User, somebody

Refused = tuple[str, str]


@pytest.fixture
def user() -> User:
    """The owner of a tenant."""
    return somebody()


def others(user: User) -> list[User]:
    """A plain member of the tenant, and the user in another tenant."""
    member = somebody(tenant_id=user.tenant_id, role=Role.MEMBER)
    return [member, somebody(user_id=user.user_id)]


def state(**members: Any) -> Struct:
    """An editor's state."""
    message = Struct()
    message.update(members)
    return message


async def create(service: Service, stub: SessionsServiceStub, user: User) -> pb.Session:
    """A new session."""
    answer = await service.call(stub.CreateSession, pb.CreateSessionRequest(), user=user)
    return answer.session


async def refusal(service: Service, method: Any, request: Any, **how: Any) -> ServiceError:
    """The error of a call."""
    with pytest.raises(ServiceError) as error:
        await service.call(method, request, **how)
    return error.value


def violations(error: ServiceError) -> set[Refused]:
    """The bad fields, each with its reason."""
    assert (error.kind, error.reason) == (Kind.INVALID, "INVALID_REQUEST")
    return {(violation.field, violation.reason) for violation in error.violations}


async def test_life_of_a_session(service: Service, stub: SessionsServiceStub, user: User) -> None:
    """A session is created, read, changed, listed and ended, with the same values each time."""
    request = pb.CreateSessionRequest(name=" Name ", workspace_path="/w", state=state(a=[1, "b"]))
    session = (await service.call(stub.CreateSession, request, user=user)).session
    assert session == pb.Session(
        session_id=session.session_id,
        tenant_id=str(user.tenant_id),
        user_id=str(user.user_id),
        name="Name",
        workspace_path="/w",
        state=state(a=[1, "b"]),
        revision=1,
        create_time=START,
        update_time=START,
        last_active_time=START,
        expire_time=session.expire_time,
    )
    assert session.expire_time.seconds == session.create_time.seconds + 3600

    session_id = session.session_id
    got = await service.call(
        stub.GetSession, pb.GetSessionRequest(session_id=session_id), user=user
    )
    assert got.session == session

    service.advance(minutes=1)
    change = pb.UpdateSessionRequest(session_id=session_id, state=state(b=None), revision=1)
    changed = (await service.call(stub.UpdateSession, change, user=user)).session
    assert (changed.revision, changed.state, changed.name) == (2, state(b=None), "Name")
    assert changed.update_time.seconds == session.update_time.seconds + 60

    listed = await service.call(stub.ListSessions, pb.ListSessionsRequest(), user=user)
    assert list(listed.sessions) == [changed]
    assert not listed.next_page_token

    delete = pb.DeleteSessionRequest(session_id=session_id)
    assert await service.call(stub.DeleteSession, delete, user=user) == pb.DeleteSessionResponse()
    error = await refusal(service, stub.DeleteSession, delete, user=user)
    assert (error.kind, error.reason) == (Kind.NOT_FOUND, "SESSION_NOT_FOUND")


async def test_state_is_always_an_object(
    service: Service, stub: SessionsServiceStub, user: User
) -> None:
    """Every method returns an empty object for a session without state."""
    session = await create(service, stub, user)
    one = pb.GetSessionRequest(session_id=session.session_id)
    change = pb.UpdateSessionRequest(session_id=session.session_id, name="x")
    for answer in (
        session,
        (await service.call(stub.GetSession, one, user=user)).session,
        (await service.call(stub.UpdateSession, change, user=user)).session,
        (await service.call(stub.ListSessions, pb.ListSessionsRequest(), user=user)).sessions[0],
    ):
        assert answer.HasField("state")
        assert answer.state == Struct()


async def test_largest_and_deepest_state_comes_back(
    service: Service, stub: SessionsServiceStub, user: User
) -> None:
    """The largest states and the deepest are returned: 10,000 values, 64 kB, 30 levels."""
    deep = Struct()
    for _ in range(29):
        deep, inner = Struct(), deep
        deep.fields["in"].struct_value.CopyFrom(inner)
    most, longest = state(a=[float(n % 10) for n in range(9_999)]), state(a="x" * 65_528)
    for value in (most, longest, deep):
        request = pb.CreateSessionRequest(state=value)
        session = (await service.call(stub.CreateSession, request, user=user)).session
        one = pb.GetSessionRequest(session_id=session.session_id)
        assert (await service.call(stub.GetSession, one, user=user)).session.state == value
    listed = await service.call(stub.ListSessions, pb.ListSessionsRequest(), user=user)
    assert len(listed.sessions) == 3


async def test_others_find_no_session(
    service: Service, stub: SessionsServiceStub, user: User
) -> None:
    """Another user, and the user in another tenant, get NOT_FOUND from every method."""
    session_id = (await create(service, stub, user)).session_id
    for other in others(user):
        for method, request in (
            (stub.GetSession, pb.GetSessionRequest(session_id=session_id)),
            (stub.UpdateSession, pb.UpdateSessionRequest(session_id=session_id, name="x")),
            (stub.DeleteSession, pb.DeleteSessionRequest(session_id=session_id)),
        ):
            error = await refusal(service, method, request, user=other)
            assert (error.kind, error.reason) == (Kind.NOT_FOUND, "SESSION_NOT_FOUND")
        await service.call(stub.DeleteSessions, pb.DeleteSessionsRequest(), user=other)
        listed = await service.call(stub.ListSessions, pb.ListSessionsRequest(), user=other)
        assert not listed.sessions
    one = pb.GetSessionRequest(session_id=session_id)
    assert (await service.call(stub.GetSession, one, user=user)).session.name == ""


async def test_parallel_repeats_make_one_session(
    service: Service, stub: SessionsServiceStub, user: User
) -> None:
    """500 concurrent creates with one key make one session and get one response."""
    request = pb.CreateSessionRequest(name="Once", state=state(a=1, b=2, c=3))
    answers = await asyncio.gather(
        *(service.call(stub.CreateSession, request, user=user, key="once") for _ in range(500))
    )
    assert len({answer.SerializeToString(deterministic=True) for answer in answers}) == 1
    listed = await service.call(stub.ListSessions, pb.ListSessionsRequest(), user=user)
    assert list(listed.sessions) == [answers[0].session]


async def test_key_belongs_to_its_sender_and_method(
    service: Service, stub: SessionsServiceStub, user: User
) -> None:
    """Another user, tenant or method can use the same key; another request cannot."""
    request = pb.CreateSessionRequest(name="Once")
    ids = set()
    for sender in (user, *others(user)):
        for _ in range(2):
            answer = await service.call(stub.CreateSession, request, user=sender, key="key")
            assert answer.session.tenant_id == str(sender.tenant_id)
            assert answer.session.user_id == str(sender.user_id)
            ids.add(answer.session.session_id)
    assert len(ids) == 3
    await service.call(stub.DeleteSessions, pb.DeleteSessionsRequest(), user=user, key="key")
    other = pb.CreateSessionRequest(name="Other")
    error = await refusal(service, stub.CreateSession, other, user=user, key="key")
    assert error.reason == "IDEMPOTENCY_KEY_REUSED"


async def test_repeated_writes_get_the_first_response(
    service: Service, stub: SessionsServiceStub, user: User
) -> None:
    """Update, delete and delete-all return the first response to a repeat."""
    session_id = (await create(service, stub, user)).session_id
    for method, request in (
        (stub.UpdateSession, pb.UpdateSessionRequest(session_id=session_id, name="x", revision=1)),
        (stub.DeleteSession, pb.DeleteSessionRequest(session_id=session_id)),
        (stub.DeleteSessions, pb.DeleteSessionsRequest()),
    ):
        first = await service.call(cast("Any", method), request, user=user, key="key")
        assert await service.call(cast("Any", method), request, user=user, key="key") == first


async def test_too_many_keys_are_refused(
    service: Service, stub: SessionsServiceStub, store: Store, user: User
) -> None:
    """The answer says when a key is free again; calls without a key, and other users, go on."""
    request = pb.CreateSessionRequest(name="Once")
    await service.call(stub.CreateSession, request, user=user, key="first")
    ((counter, _),) = await rows_between(store, *keys.IDEMPOTENCY.counts.range())

    async def count(tx: Write) -> None:
        tx.add(counter, KEYS_PER_CALLER - 1)

    await store.write(count)
    service.advance(hours=1)
    error = await refusal(service, stub.CreateSession, request, user=user, key="second")
    assert (error.kind, error.reason) == (Kind.LIMITED, "IDEMPOTENCY_LIMIT_REACHED")
    assert (error.metadata, error.retry_after) == ({"limit": "10000"}, 23 * 3600)
    # The same user, in another tenant.
    there = somebody(user_id=user.user_id)
    error = await refusal(service, stub.CreateSession, request, user=there, key="third")
    assert error.reason == "IDEMPOTENCY_LIMIT_REACHED"
    await service.call(stub.CreateSession, request, user=user)
    await service.call(stub.CreateSession, request, user=somebody(), key="second")
    session_id = (await create(service, stub, user)).session_id
    beat = pb.UpdateSessionRequest(session_id=session_id)
    await service.call(stub.UpdateSession, beat, user=user, key="third")


@pytest.mark.parametrize("key", ["", "x" * 129])
async def test_bad_idempotency_keys_are_refused(
    service: Service, stub: SessionsServiceStub, user: User, key: str
) -> None:
    """A key that is empty or too long is an error, not ignored."""
    error = await refusal(
        service, stub.CreateSession, pb.CreateSessionRequest(), user=user, key=key
    )
    assert error.reason == "IDEMPOTENCY_KEY_INVALID"


async def test_stale_revision_is_a_conflict(
    service: Service, stub: SessionsServiceStub, user: User
) -> None:
    """A stale revision causes ABORTED with the current revision."""
    session_id = (await create(service, stub, user)).session_id
    change = pb.UpdateSessionRequest(session_id=session_id, name="x", revision=2)
    error = await refusal(service, stub.UpdateSession, change, user=user)
    assert (error.kind, error.reason) == (Kind.CONFLICT, "REVISION_STALE")
    assert error.metadata == {"currentRevision": "1"}


TOO_LARGE = state(a="x" * 65_536)
NO_ID = ("sessionId", "NOT_A_UUID")


@pytest.mark.parametrize(
    ("method", "request_", "expected"),
    [
        ("CreateSession", pb.CreateSessionRequest(name="x" * 201), {("name", "TOO_LONG")}),
        ("CreateSession", pb.CreateSessionRequest(name="a\0b"), {("name", "UNPRINTABLE")}),
        (
            "CreateSession",
            pb.CreateSessionRequest(name="\n\x01", workspace_path="/" * 1025),
            {("name", "UNPRINTABLE"), ("workspacePath", "TOO_LONG")},
        ),
        ("CreateSession", pb.CreateSessionRequest(state=TOO_LARGE), {("state", "STATE_TOO_LARGE")}),
        ("GetSession", pb.GetSessionRequest(), {("sessionId", "REQUIRED")}),
        ("GetSession", pb.GetSessionRequest(session_id="x" * 36), {NO_ID}),
        ("GetSession", pb.GetSessionRequest(session_id=uuid4().hex), {NO_ID}),
        ("DeleteSession", pb.DeleteSessionRequest(session_id="../../etc"), {NO_ID}),
        (
            "UpdateSession",
            pb.UpdateSessionRequest(session_id="x", name="x" * 201, revision=0),
            {NO_ID, ("name", "TOO_LONG"), ("revision", "NOT_POSITIVE")},
        ),
        (
            "UpdateSession",
            pb.UpdateSessionRequest(session_id=str(uuid4()), state=TOO_LARGE),
            {("state", "STATE_TOO_LARGE")},
        ),
        (
            "UpdateSession",
            pb.UpdateSessionRequest(session_id=str(uuid4()), revision=-1, workspace_path="\x7f"),
            {("revision", "NOT_POSITIVE"), ("workspacePath", "UNPRINTABLE")},
        ),
        ("ListSessions", pb.ListSessionsRequest(scope="all"), {("scope", "UNKNOWN")}),
        *(
            ("ListSessions", pb.ListSessionsRequest(order_by=bad), {("orderBy", "UNKNOWN")})
            for bad in ("lastActiveTime", "lastActiveTime asc", "sessionId desc", "x", " ")
        ),
        (
            "ListSessions",
            pb.ListSessionsRequest(scope="tenant", order_by="lastActiveTime desc"),
            {("orderBy", "UNKNOWN")},
        ),
        (
            "ListSessions",
            pb.ListSessionsRequest(page_size=-1),
            {("pageSize", "PAGE_SIZE_NEGATIVE")},
        ),
    ],
)
async def test_bad_fields_are_named(
    service: Service,
    stub: SessionsServiceStub,
    user: User,
    method: str,
    request_: Any,
    expected: set[Refused],
) -> None:
    """Every bad field of a request is named at once."""
    error = await refusal(service, getattr(stub, method), request_, user=user)
    assert violations(error) == expected


async def test_sessions_are_listed_in_pages(
    service: Service, stub: SessionsServiceStub, user: User
) -> None:
    """The default page has 50 sessions; page tokens of others and garbage are refused."""
    await asyncio.gather(*(create(service, stub, user) for _ in range(120)))
    sizes, request = [], pb.ListSessionsRequest(scope="mine")
    while not sizes or request.page_token:
        answer = await service.call(stub.ListSessions, request, user=user)
        sizes.append(len(answer.sessions))
        request.page_token = answer.next_page_token
    assert sizes == [50, 50, 20]

    everything = pb.ListSessionsRequest(page_size=2_000_000_000)
    assert len((await service.call(stub.ListSessions, everything, user=user)).sessions) == 120
    token = (
        await service.call(stub.ListSessions, pb.ListSessionsRequest(), user=user)
    ).next_page_token
    for other, bad in (*((other, token) for other in others(user)), (user, "garbage")):
        request = pb.ListSessionsRequest(page_token=bad)
        error = await refusal(service, stub.ListSessions, request, user=other)
        assert (error.kind, error.reason) == (Kind.INVALID, "PAGE_TOKEN_INVALID")


METHODS = [
    ("CreateSession", pb.CreateSessionRequest()),
    ("ListSessions", pb.ListSessionsRequest()),
    ("GetSession", pb.GetSessionRequest(session_id=str(uuid4()))),
    ("UpdateSession", pb.UpdateSessionRequest(session_id=str(uuid4()))),
    ("DeleteSession", pb.DeleteSessionRequest(session_id=str(uuid4()))),
    ("DeleteSessions", pb.DeleteSessionsRequest()),
]


def test_all_methods_are_called_here() -> None:
    """The tables below cover every method."""
    service = pb.DESCRIPTOR.services_by_name["SessionsService"]
    assert [method.name for method in service.methods] == [name for name, _ in METHODS]


@pytest.mark.parametrize(("method", "request_"), METHODS)
async def test_every_method_needs_an_access_token(
    service: Service, stub: SessionsServiceStub, method: str, request_: Any
) -> None:
    """The service refuses a call without an access token."""
    error = await refusal(service, getattr(stub, method), request_)
    assert (error.kind, error.reason) == (Kind.UNAUTHENTICATED, "ACCESS_TOKEN_MISSING")


@pytest.mark.parametrize(("method", "request_"), METHODS)
async def test_a_suspended_tenant_refuses_even_its_owner(
    service: Service, stub: SessionsServiceStub, user: User, method: str, request_: Any
) -> None:
    """The owner's token for a suspended tenant is refused; a token for another tenant works."""
    there = replace(user, tenant_suspended=True)
    error = await refusal(service, getattr(stub, method), request_, user=there)
    assert (error.kind, error.reason) == (Kind.FORBIDDEN, "TENANT_SUSPENDED")
    await create(service, stub, somebody(user_id=user.user_id))


@pytest.mark.parametrize(
    ("method", "request_of"),
    [
        ("CreateSession", pb.CreateSessionRequest),
        ("ListSessions", pb.ListSessionsRequest),
        ("DeleteSessions", pb.DeleteSessionsRequest),
    ],
)
async def test_a_call_for_another_tenant_than_the_token_is_refused(
    service: Service, stub: SessionsServiceStub, user: User, method: str, request_of: Any
) -> None:
    """A call that names the token's tenant is as one without; for another one nothing happens."""
    await create(service, stub, user)
    call = getattr(stub, method)
    error = await refusal(service, call, request_of(tenant_id=str(uuid4())), user=user)
    assert (error.kind, error.reason) == (Kind.CONFLICT, "TENANT_NOT_ACTIVE")
    for bad in ("", "x"):
        error = await refusal(service, call, request_of(tenant_id=bad), user=user)
        assert [violation.field for violation in error.violations] == ["tenantId"]
    listed = await service.call(stub.ListSessions, pb.ListSessionsRequest(), user=user)
    assert len(listed.sessions) == 1
    await service.call(call, request_of(tenant_id=str(user.tenant_id).upper()), user=user)

"""Auth over the wire: what callers send and get, and the stream that services follow."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import grpc
import pytest
from jwt.utils import base64url_decode

from coditect.auth.v5 import accounts_pb2, logins_pb2
from coditect.identity.v1 import revocations_pb2
from coditect.identity.v1.revocations_pb2_grpc import RevocationsServiceStub
from kernel.rpc.errors import RemoteError
from services.auth.revoking import RevocationLog
from tests.services.auth.parts import EMAIL, OTHER_PASSWORD, PASSWORD
from tests.services.auth.peers import Peers
from tests.services.auth.running import Auth, registration
from tests.support.clock import FixedClock
from tests.support.eventually import eventually

Request = revocations_pb2.WatchRevocationsRequest


async def test_registration(auth: Auth, clock: FixedClock) -> None:
    """The answer has the user, its own tenant and its tokens, as the contract draws them."""
    answer = await auth.register()
    assert answer.user.email == EMAIL
    assert (answer.user.first_name, answer.user.last_name) == ("Ada", "Lovelace")
    assert answer.user.create_time.ToSeconds() == int(clock.now().timestamp())
    assert (answer.tenant.kind, answer.tenant.role, answer.tenant.state) == (
        "self", "owner", "active",
    )  # fmt: skip
    assert (answer.tokens.token_type, answer.tokens.expires_in) == ("Bearer", 900)
    me = await auth.call("GetMe", token=answer.tokens.access_token)
    assert me.user == answer.user


async def test_every_bad_field_comes_over_the_wire(auth: Auth) -> None:
    """A refused registration names its fields in JSON spelling and quotes nothing of them."""
    with pytest.raises(RemoteError) as error:
        await auth.call("Register", accounts_pb2.RegisterRequest(email="hidden", password="hidden"))
    assert [bad.field for bad in error.value.violations] == [
        "email", "firstName", "lastName",
    ]  # fmt: skip
    named = {"first_name": "Ada", "last_name": "Lovelace"}
    request = accounts_pb2.RegisterRequest(email=EMAIL, password="hidden", **named)
    with pytest.raises(RemoteError) as error:
        await auth.call("Register", request)
    assert [bad.field for bad in error.value.violations] == ["password"]
    assert "hidden" not in str(error.value.violations)


async def test_login_and_refresh_in_the_own_tenant_ask_nobody(auth: Auth, peers: Peers) -> None:
    """The own tenant is known without tenants, which may be away."""
    peers.failures = 100
    await auth.register()
    answer = await auth.log_in(" ADA@example.com ")
    assert (answer.tenant.name, answer.user.email) == ("Personal", EMAIL)
    request = logins_pb2.RefreshRequest(refresh_token=answer.tokens.refresh_token)
    refreshed = await auth.call("Refresh", request)
    assert refreshed.tenant == answer.tenant
    assert refreshed.tokens.refresh_token != answer.tokens.refresh_token
    assert peers.failures == 100


async def test_a_login_is_refused_alike(auth: Auth) -> None:
    """Unknown account, wrong password and strange texts give the very same status."""
    await auth.register()
    statuses = set()
    for email, password in (
        (EMAIL, OTHER_PASSWORD),
        ("nobody@example.com", PASSWORD),
        ("x" * 100_000, "y" * 100_000),
        ("", ""),
    ):
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await auth.stub.Login(logins_pb2.LoginRequest(email=email, password=password))
        details = tuple(error.value.trailing_metadata() or ())
        statuses.add((error.value.code(), error.value.details(), details))
    assert len(statuses) == 1
    assert statuses.pop()[0] == grpc.StatusCode.UNAUTHENTICATED


async def test_a_logout_is_felt_at_once(auth: Auth) -> None:
    """After the answer the token is refused, with its refresh token, and no other one is."""
    first = (await auth.register()).tokens
    second = (await auth.log_in()).tokens
    await auth.call("Logout", token=first.access_token)
    assert await auth.refused("GetMe", token=first.access_token) == "ACCESS_TOKEN_REVOKED"
    refresh = logins_pb2.RefreshRequest(refresh_token=first.refresh_token)
    assert await auth.refused("Refresh", refresh) == "REFRESH_TOKEN_INVALID"
    assert await auth.refused("GetMe", token=second.access_token) == ""
    await auth.call("LogoutAll", token=second.access_token)
    assert await auth.refused("GetMe", token=second.access_token) == "ACCESS_TOKEN_REVOKED"


async def test_a_deleted_account_is_gone_at_once(auth: Auth) -> None:
    """Its tokens are refused and its password opens nothing."""
    token = (await auth.register()).tokens.access_token
    wrong = accounts_pb2.DeleteMeRequest(password=OTHER_PASSWORD)
    assert await auth.refused("DeleteMe", wrong, token) == "PASSWORD_WRONG"
    await auth.call("DeleteMe", accounts_pb2.DeleteMeRequest(password=PASSWORD), token)
    assert await auth.refused("GetMe", token=token) == "ACCESS_TOKEN_REVOKED"
    login = logins_pb2.LoginRequest(email=EMAIL, password=PASSWORD)
    assert await auth.refused("Login", login) == "BAD_CREDENTIALS"


async def test_another_password_ends_the_other_logins(auth: Auth) -> None:
    """The device that changed it stays, the others are out at once."""
    own = (await auth.register()).tokens.access_token
    other = (await auth.log_in()).tokens.access_token
    request = accounts_pb2.ChangePasswordRequest(
        current_password=PASSWORD, new_password=OTHER_PASSWORD
    )
    await auth.call("ChangePassword", request, own)
    assert await auth.refused("GetMe", token=other) == "ACCESS_TOKEN_REVOKED"
    assert await auth.refused("GetMe", token=own) == ""
    assert await auth.refused("ChangePassword", request, own) == "PASSWORD_WRONG"


async def test_update_tells_empty_from_absent(auth: Auth) -> None:
    """A field that is there is set, also to nothing; one that is not stays."""
    token = (await auth.register()).tokens.access_token
    await auth.call("UpdateMe", accounts_pb2.UpdateMeRequest(company="Engines"), token)
    answer = await auth.call("UpdateMe", accounts_pb2.UpdateMeRequest(first_name="Augusta"), token)
    assert (answer.user.first_name, answer.user.company) == ("Augusta", "Engines")
    answer = await auth.call("UpdateMe", accounts_pb2.UpdateMeRequest(company=""), token)
    assert answer.user.company == ""
    empty = accounts_pb2.UpdateMeRequest(first_name="")
    assert await auth.refused("UpdateMe", empty, token) == "INVALID_REQUEST"


async def test_the_devices_that_are_signed_in(auth: Auth) -> None:
    """The list shows where logins came from, cut to size, and which one is asking."""
    answer = await auth.stub.Register(
        registration(), metadata=[("x-forwarded-for", "192.0.2.7" * 20)]
    )
    await auth.log_in()
    listed = await auth.call("ListLogins", token=answer.tokens.access_token)
    assert sorted(login.current for login in listed.logins) == [False, True]
    (current,) = [login for login in listed.logins if login.current]
    assert current.address == ("192.0.2.7" * 20)[:64]
    assert current.user_agent.startswith("grpc-python")
    page = await auth.call(
        "ListLogins", logins_pb2.ListLoginsRequest(page_size=1), answer.tokens.access_token
    )
    assert len(page.logins) == 1
    rest = logins_pb2.ListLoginsRequest(page_token=page.next_page_token)
    assert len((await auth.call("ListLogins", rest, answer.tokens.access_token)).logins) == 1
    stranger = (await auth.register("other@example.com")).tokens.access_token
    assert await auth.refused("ListLogins", rest, stranger) == "PAGE_TOKEN_INVALID"
    negative = logins_pb2.ListLoginsRequest(page_size=-1)
    assert await auth.refused("ListLogins", negative, stranger) == "INVALID_REQUEST"


async def test_the_login_of_somebody_else(auth: Auth) -> None:
    """Only one's own logins can be ended; another's looks like none."""
    own = (await auth.register()).tokens.access_token
    other = (await auth.register("other@example.com")).tokens.access_token
    login_id = (await auth.call("ListLogins", token=own)).logins[0].login_id
    request = logins_pb2.EndLoginRequest(login_id=login_id)
    absent = logins_pb2.EndLoginRequest(login_id=str(uuid4()))
    assert await auth.refused("EndLogin", request, other) == "LOGIN_NOT_FOUND"
    assert await auth.refused("EndLogin", absent, other) == "LOGIN_NOT_FOUND"
    bad = logins_pb2.EndLoginRequest(login_id="x")
    assert await auth.refused("EndLogin", bad, other) == "INVALID_REQUEST"
    assert await auth.refused("EndLogin", request, own) == ""
    assert await auth.refused("GetMe", token=own) == "ACCESS_TOKEN_REVOKED"


async def test_the_public_keys(auth: Auth) -> None:
    """The JWK set has what RFC 8037 asks for and no private half."""
    (jwk,) = (await auth.call("GetJwks")).keys
    (key,) = auth.keyring.published
    assert (jwk.kty, jwk.crv, jwk.alg, jwk.use, jwk.kid) == (
        "OKP", "Ed25519", "EdDSA", "sig", key.kid,
    )  # fmt: skip
    assert base64url_decode(jwk.x) == key.public_key


def log_of(auth: Auth) -> RevocationLog:
    """The log that streams are served from."""
    log: RevocationLog = auth.service.app.servicers[3].implementation._log
    return log


class Follower:
    """A service that follows the stream and acknowledges when it is told to."""

    def __init__(self, auth: Auth) -> None:
        self.requests: asyncio.Queue[Request | None] = asyncio.Queue()
        client = auth.service.peer("sessions")
        stub = client.stub(RevocationsServiceStub)
        self.stream = client.stream(stub.WatchRevocations, self._sent())

    async def _sent(self) -> AsyncIterator[Request]:
        while (request := await self.requests.get()) is not None:
            yield request

    def send(self, cursor: bytes) -> None:
        """Opens the stream, or acknowledges."""
        self.requests.put_nowait(Request(cursor=cursor))


async def test_the_stream_carries_keys_and_revocations(auth: Auth) -> None:
    """Keys come first and once; a logout waits until its revocation is acknowledged."""
    token = (await auth.register()).tokens.access_token
    follower = Follower(auth)
    follower.send(b"")
    first = await anext(follower.stream)
    assert [key.kid for key in first.keys] == [auth.keyring.published[0].kid]
    assert (first.complete, len(first.revocations)) == (True, 0)
    logout = asyncio.create_task(auth.call("Logout", token=token))
    batch = await anext(follower.stream)
    while not batch.revocations:
        batch = await anext(follower.stream)
    assert len(batch.keys) == 0
    assert not logout.done()
    follower.send(batch.cursor)
    await asyncio.wait_for(logout, 0.4)  # or it would have given up on its own after 0.5
    await follower.stream.aclose()  # type: ignore[attr-defined]


async def test_a_stream_that_is_gone_is_not_waited_for(auth: Auth) -> None:
    """A subscriber leaves with its stream."""
    follower = Follower(auth)
    follower.send(b"")
    await anext(follower.stream)
    assert len(log_of(auth)._subscribers) == 2
    await follower.stream.aclose()  # type: ignore[attr-defined]
    await eventually(lambda: len(log_of(auth)._subscribers) == 1)


async def test_a_stop_ends_the_stream_in_order(auth: Auth) -> None:
    """A service that stops lets its followers go without an error."""
    follower = Follower(auth)
    follower.send(b"")
    await anext(follower.stream)
    log_of(auth).stop()
    assert [batch async for batch in follower.stream if batch.revocations] == []


async def test_a_stream_without_a_first_message_ends(auth: Auth) -> None:
    """Whoever hangs up before saying anything gets no stream and no error."""
    follower = Follower(auth)
    follower.requests.put_nowait(None)
    assert [batch async for batch in follower.stream] == []

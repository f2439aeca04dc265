"""Auth as one app: the outbox is delivered despite failures, and replicas work as one."""

import asyncio
from pathlib import Path

from cryptography.fernet import Fernet

from coditect.auth.v5 import accounts_pb2, logins_pb2
from coditect.tenants.v5 import tenants_pb2
from kernel.identity.callers import Role
from kernel.storage import Store, open_store
from services.auth.app import build
from services.auth.logins.repository import LOGIN
from services.auth.users.repository import USER
from services.tenants.app import build as build_tenants
from services.tenants.settings import TenantsSettings
from tests.services.auth.fakes import FakeServices
from tests.services.auth.harness import PASSWORD, AuthHarness, make_settings
from tests.services.auth.server import LOG, OUTBOX, Auth, delivered, running, settings_for, waiting
from tests.support.clock import FixedClock
from tests.support.eventually import eventually
from tests.support.ids import FixedIds
from tests.support.program import run_program
from tests.support.service import ENVIRON, UNREACHABLE, Service, serve
from tests.support.store import rows_between
from tests.support.stubs import TenantsStub
from tests.support.tokens import User


async def test_a_new_store_has_no_account(
    store: Store, clock: FixedClock, fakes: FakeServices
) -> None:
    """Auth starts on an empty store, works, and has not created any user or login by itself."""
    async with running(store, clock, settings_for(fakes.address), tasks=(LOG, OUTBOX)) as auth:
        for family in (USER, LOGIN):
            assert await rows_between(store, *family.range()) == []
        await auth.register()
        for family in (USER, LOGIN):
            assert len(await rows_between(store, *family.range())) == 1


async def test_a_failed_outbox_task_is_delivered_again(
    store: Store, clock: FixedClock, fakes: FakeServices
) -> None:
    """Auth retries the task until tenants has created the self-tenant."""
    fakes.failures = 2
    async with running(store, clock, settings_for(fakes.address), tasks=(LOG, OUTBOX)) as auth:
        answer = await auth.register()
        await eventually(lambda: fakes.failures == 1)
        assert await waiting(store) == 1
        assert fakes.ensured == []
        await delivered(store)
    assert [str(user_id) for user_id in fakes.ensured] == [answer.user.user_id]


async def test_an_outbox_task_survives_a_restart(
    store: Store, clock: FixedClock, fakes: FakeServices
) -> None:
    """A new process delivers the task that the stopped process did not deliver."""
    async with running(store, clock, settings_for(UNREACHABLE)) as auth:
        answer = await auth.register()
    assert await waiting(store) == 1
    settings = settings_for(fakes.address)
    async with running(store, clock, settings, tasks=(OUTBOX,), seed=6):
        await delivered(store)
    assert [str(user_id) for user_id in fakes.ensured] == [answer.user.user_id]


async def test_a_deleted_user_is_erased_in_tenants_and_sessions(
    store: Store, clock: FixedClock, fakes: FakeServices
) -> None:
    """Tenants and sessions both erase the user, although one of the calls fails at first."""
    async with running(store, clock, settings_for(fakes.address), tasks=(LOG, OUTBOX)) as auth:
        answer = await auth.register()
        await delivered(store)
        fakes.failures = 1
        token = answer.tokens.access_token
        await auth.call("DeleteMe", accounts_pb2.DeleteMeRequest(password=PASSWORD), token)
        await delivered(store)
    assert {name for name, _ in fakes.erased} == {"tenants", "sessions"}
    assert {str(user_id) for _, user_id in fakes.erased} == {answer.user.user_id}


async def test_the_real_tenants_service_creates_the_self_tenant(
    store: Store, clock: FixedClock, tmp_path: Path
) -> None:
    """Tenants creates the self-tenant whose id auth has returned from the registration."""
    settings = TenantsSettings.read(
        {**ENVIRON, "AUTH_ADDRESS": UNREACHABLE, "SESSIONS_ADDRESS": UNREACHABLE}
    )
    other_store = open_store(f"lmdb://{tmp_path}/tenants")
    app = build_tenants(settings, other_store, clock, FixedIds())
    async with serve("tenants", app, settings, clock) as tenants:
        address = settings_for(f"127.0.0.1:{tenants.port}")
        async with running(store, clock, address, tasks=(LOG, OUTBOX)) as auth:
            answer = await auth.register()
            await delivered(store)
            assert await _self_tenant(auth, tenants, answer) == answer.tenant.tenant_id
    await other_store.close()


async def _self_tenant(auth: Auth, tenants: Service, answer: accounts_pb2.RegisterResponse) -> str:
    """The only tenant in the user's list."""
    token = answer.tokens.access_token
    caller = auth.service.app.authorizer.verifier.verify(token)
    user = User(caller.user_id, caller.tenant_id, Role.OWNER, caller.login_id)
    stub = tenants.stub(TenantsStub)
    listed = await tenants.call(stub.ListTenants, tenants_pb2.ListTenantsRequest(), user=user)
    (tenant,) = listed.tenants
    return tenant.tenant_id


async def test_auth_works_without_tenants_and_sessions(store: Store, clock: FixedClock) -> None:
    """Users can register, log in, refresh and log out while both are unreachable."""
    async with running(store, clock, settings_for(UNREACHABLE)) as auth:
        registered = await auth.register()
        login = await auth.log_in()
        request = logins_pb2.RefreshRequest(refresh_token=login.tokens.refresh_token)
        refreshed = await auth.call("Refresh", request)
        assert registered.tenant == login.tenant == refreshed.tenant
        await auth.call("Logout", token=login.tokens.access_token)


async def test_two_replicas_share_tokens_and_logouts(
    store: Store, clock: FixedClock, fakes: FakeServices
) -> None:
    """A replica accepts the other's token, and both refuse it after a logout at one of them."""
    settings = settings_for(fakes.address)
    async with (
        running(store, clock, settings) as first,
        running(store, clock, settings, seed=6) as second,
    ):
        token = (await first.register()).tokens.access_token
        assert await second.refused("GetMe", token=token) == ""
        await second.call("Logout", token=token)
        assert await second.refused("GetMe", token=token) == "ACCESS_TOKEN_REVOKED"
        authorizer = first.service.app.authorizer
        await eventually(lambda: len(authorizer.revocations) == 1)
        assert await first.refused("GetMe", token=token) == "ACCESS_TOKEN_REVOKED"


async def test_auth_trusts_no_token_while_the_log_is_unreadable(
    auth: Auth, clock: FixedClock
) -> None:
    """Auth refuses every token if it has not read the revocation log for more than 5 seconds."""
    token = (await auth.register()).tokens.access_token
    auth.service.app.authorizer.revocations._last_heard = clock.monotonic() - 5.1
    assert await auth.refused("GetMe", token=token) == "REVOCATIONS_STALE"


async def test_auth_trusts_its_own_signing_key_at_once(
    harness: AuthHarness, clock: FixedClock
) -> None:
    """Auth's authorizer accepts tokens as soon as `prepare` has loaded the signing keys."""
    app = build(harness.settings, harness.store, clock, FixedIds(9))
    for prepare in app.prepare:
        await prepare()
    result = await harness.register()
    assert app.authorizer.verifier.verify(result.tokens.access_token).user_id == result.user.user_id
    for close in app.closers:
        await close()


async def _prepared(url: str) -> None:
    """Creates the first signing key of a store."""
    store = open_store(url)
    await AuthHarness(store, FixedClock(), make_settings()).signing_keys.refresh()
    await store.close()


async def test_auth_exits_if_the_seal_keys_do_not_fit_the_store(tmp_path: Path) -> None:
    """Auth logs one line that names SEAL_KEYS and exits with code 2."""
    url = f"lmdb://{tmp_path}/store"
    await _prepared(url)
    environ = {
        **ENVIRON,
        "STORE_URL": url,
        "SEAL_KEYS": Fernet.generate_key().decode(),
        "TENANTS_ADDRESS": UNREACHABLE,
        "SESSIONS_ADDRESS": UNREACHABLE,
        "ARGON2_MEMORY_KIB": "8",
    }
    ended = await asyncio.to_thread(run_program, "services.auth", environ)
    assert ended.returncode == 2
    assert ended.stderr.splitlines() == [
        "auth: starting",
        "auth: SEAL_KEYS do not open what is in the store",
    ]

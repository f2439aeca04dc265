"""The doctor on a store that is in use, and on the command line."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from webauthn.helpers.structs import AuthenticatorTransport

from kernel.errors import StorageUnavailable
from kernel.idempotent_request import IdempotentRequest
from kernel.identity.callers import Call, Role
from kernel.storage import Store, Subspace, Write, open_store
from kernel.storage.moving.progress import Progress
from ops.doctor.catalogue import Catalogue
from ops.doctor.examination import examine
from ops.doctor.report import Finding, Report
from services.auth.accounts.model import NewAccount
from services.auth.factors.model import FactorKind
from services.auth.outbox import repository as auth_outbox
from services.auth.outbox.model import OutboxTask, TaskKind
from services.auth.passkeys.repository import (
    CREDENTIAL_ID_BYTES,
    PASSKEYS,
    PUBLIC_KEY_BYTES,
    of_user,
)
from services.auth.totp.repository import TOTPS, totps_of
from services.sessions import keys as sessions
from services.sessions.model import NewSession
from services.tenants.memberships import repository as memberships
from services.tenants.memberships.model import Member, Profile, Tenant
from services.tenants.organizations.model import TenantUpdate
from services.tenants.policies.model import PolicyUpdate
from tests.ops.doctor.environment import Environment, findings
from tests.services.auth.harness import PASSWORD
from tests.services.tenants.harness import call
from tests.support.clock import START
from tests.support.store import FarStore, WatchedStore, dump

STRANGER = UUID(int=7, version=4)
STRAY = Subspace(("other",)).pack(("one\n", 2))
TRANSPORTS = tuple(sorted(transport.value for transport in AuthenticatorTransport))
ROOT = Path(__file__).parents[3]


def ignored(_: Finding) -> None:
    """Drops a finding, for tests that only count rows."""


async def put(store: Store, *rows: tuple[bytes, bytes]) -> None:
    """Writes rows directly, without the use cases."""

    async def write(tx: Write) -> None:
        for key, value in rows:
            tx.set(key, value)

    await store.write(write)


async def test_a_store_in_use_is_clean(environment: Environment) -> None:
    """The doctor finds nothing in a store with rows of every family, before and after delivery."""
    catalogue, report = Catalogue(), Report(ignored)
    await examine(environment.store, catalogue, report)
    assert await findings(environment.store) == []
    assert {family.name for family in catalogue.families if not report.rows[family.name]} == set()
    await environment.deliver()
    assert await findings(environment.store) == []


async def test_the_largest_account_and_session_are_clean(environment: Environment) -> None:
    """The largest accepted account and session fit the sizes that the families declare."""
    large, most = "\U0001d49c", NewSession("\U0001d49c" * 200, "\U0001d49c" * 1024, b"\n" * 65_536)
    grant = await environment.auth.registration.register(
        Call(
            None,
            {"user-agent": large * 256, "x-forwarded-for": large * 64},
            idempotency=IdempotentRequest("a" * 64, "m" * 64, "k" * 64, bytes(32)),
        ),
        NewAccount(
            email="x" * 64 + "@" + ".".join(["y" * 63] * 2) + ".example.com",
            password=PASSWORD,
            first_name=large * 100,
            last_name=large * 100,
            company=large * 200,
        ),
    )
    caller = environment.auth.caller(grant)
    await environment.sessions.create(
        Call(caller, idempotency=IdempotentRequest("a" * 64, "m" * 64, "k" * 64, bytes(32))), most
    )
    await environment.deliver()
    assert await findings(environment.store) == []


async def test_the_largest_organization_is_clean(environment: Environment) -> None:
    """The largest accepted organization, member and invitation fit the declared sizes."""
    large, parts = "\U0001d49c", environment.organizations
    email = "x" * 64 + "@" + ".".join(["y" * 63, "z" * 63, "a" * 49, "example"])
    metadata = {"user-agent": large * 256, "x-forwarded-for": large * 64}
    request = IdempotentRequest("a" * 64, "m" * 64, "k" * 64, bytes(32))
    theirs = Call(environment.caller, metadata, idempotency=request)
    made = await parts.organizations.create(theirs, large * 100, "s" * 40)
    tenant_id = made.tenant.tenant_id
    profile = Profile(email, email, f"{large * 100} {large * 100}")
    await parts.put(replace(made.member, profile=profile))
    owner = call(environment.caller, tenant_id).caller
    theirs = Call(owner, metadata, idempotency=replace(request, caller="b" * 64))
    await parts.invitations.create(theirs, "b" + email[1:], Role.MEMBER)
    await parts.organizations.update(Call(owner, metadata), TenantUpdate(name=large * 99))
    domains = tuple(f"{n:02}{'y' * 61}.{'y' * 63}.{'y' * 63}.{'z' * 60}" for n in range(100))
    policy = PolicyUpdate(email_domains=domains, login_idle_seconds=2_592_000)
    await parts.policies.update(Call(owner, metadata), policy)
    assert await findings(environment.store) == []


async def test_the_largest_factors_are_clean(environment: Environment) -> None:
    """The largest app, enrollment, passkey and recovery codes fit the sizes that they declare."""
    auth, large = environment.auth, "\U0001d49c" * 100
    for factor in (await auth.factors.list(auth.call(environment.caller))).factors:
        if factor.kind is not FactorKind.RECOVERY_CODES:
            await auth.factors.rename(auth.call(environment.caller), factor.factor_id, large)
    await auth.totp.enroll(auth.call(environment.caller), large)

    async def enlarge(tx: Write) -> None:
        (passkey,) = await of_user(tx, environment.user_id)
        enlarged = replace(
            passkey,
            credential_id=b"\x00" * CREDENTIAL_ID_BYTES,
            public_key=b"\x00" * PUBLIC_KEY_BYTES,
            sign_count=(1 << 32) - 1,
            transports=TRANSPORTS,
            last_used_time=START,
        )
        await PASSKEYS.clear(tx, passkey)
        await PASSKEYS.put(tx, enlarged)
        (totp,) = await totps_of(tx, environment.user_id)
        await TOTPS.put(tx, replace(totp, last_used_time=START))

    await environment.store.write(enlarge)
    assert await findings(environment.store) == []


async def test_an_examination_changes_nothing(environment: Environment) -> None:
    """The store is unchanged after an examination that has a finding."""
    await put(environment.store, (STRAY, b""))
    before = await dump(environment.store)
    assert len(await findings(environment.store)) == 1
    assert await dump(environment.store) == before


async def test_no_row_is_left_out_between_pages(environment: Environment) -> None:
    """The doctor examines every row of a family once, over several pages."""
    before = Report(ignored)
    await examine(environment.store, Catalogue(), before)
    strangers = [UUID(int=number << 100) for number in range(1300)]
    await put(
        environment.store,
        *(
            (memberships.MEMBER_BY_USER.key(stranger, environment.tenant_id), b"")
            for stranger in strangers
        ),
    )
    found: list[Finding] = []
    after = Report(found.append)
    await examine(environment.store, Catalogue(), after)
    assert [finding.key["user_id"] for finding in found] == [str(one) for one in strangers]
    before.rows["tenants/member_by_user"] += 1300
    assert after.rows == before.rows


async def test_an_owner_is_found_behind_many_members(environment: Environment) -> None:
    """The doctor finds the owner behind 2,499 other members, and reports when it is gone."""
    tenant_id = UUID(int=0)
    members = [UUID(int=number, version=4) for number in range(2_500)]

    async def fill(tx: Write) -> None:
        await memberships.ALL_TENANTS.put(
            tx, Tenant(tenant_id, "Acme", "other", "organization", "active", START)
        )
        for one in members:
            role = Role.OWNER if one == members[-1] else Role.MEMBER
            await memberships.MEMBERS.put(tx, Member(tenant_id, one, role, START))

    await environment.store.write(fill)
    texts = [finding.text for finding in await findings(environment.store)]
    assert texts == ["has no user, and no task that erases it"] * len(members)
    await put(environment.store, (memberships.MEMBER.key(tenant_id, members[-1]), b""))
    texts = [finding.text for finding in await findings(environment.store)]
    assert [text for text in texts if "user" not in text] == [
        "has another tenant_id than its key",
        "has no owner",
    ]


def test_the_doctor_counts_one_organization_per_page() -> None:
    """Counting two large organizations in one transaction is too much for FoundationDB."""
    assert Catalogue().page_rows(memberships.MEMBER_COUNT) == 1


async def test_traffic_makes_no_false_alarm(environment: Environment) -> None:
    """The doctor finds nothing while accounts are created and deleted during the examination."""
    running, rounds = True, 0

    async def traffic(number: int) -> None:
        nonlocal rounds
        while running:
            grant = await environment.auth.register(f"{number}@Example.com")
            await environment.work(environment.auth.caller(grant))
            await environment.deliver()
            await environment.auth.deletion.delete(environment.auth.call(grant), PASSWORD)
            await environment.deliver()
            rounds += 1

    tasks = [asyncio.create_task(traffic(number)) for number in range(3)]
    found = [await findings(FarStore(environment.store)) for _ in range(10)]
    enough, running = rounds > len(found), False
    await asyncio.gather(*tasks)
    assert found == [[]] * 10
    assert enough, "nothing happened while the doctor looked"


async def test_a_very_full_outbox_excuses_missing_rows(
    environment: Environment,
) -> None:
    """With 10,000 tasks the doctor cannot tell a lost row from a late one, and reports neither."""
    task = auth_outbox.pack_task(OutboxTask(TaskKind.ERASE, STRANGER))
    outbox = auth_outbox.OUTBOX.rows.space.prefix + b"\x33"

    async def lose(tx: Write) -> None:
        tx.clear(memberships.TENANT.key(environment.tenant_id))
        tx.clear(memberships.MEMBER.key(environment.tenant_id, environment.user_id))
        tx.clear(memberships.MEMBER_BY_USER.key(environment.user_id, environment.tenant_id))

    await environment.store.write(lose)
    assert len(await findings(environment.store)) == 1 + 3
    tasks = [(outbox + number.to_bytes(12), task) for number in range(10_000)]
    for start in range(0, len(tasks), 2_000):
        await put(environment.store, *tasks[start : start + 2_000])
    assert await findings(environment.store) == []


class _Slow(WatchedStore):
    """A store that fails to read pages above a size."""

    def __init__(self, store: Store, most: int) -> None:
        super().__init__(store)
        self.most = most
        self.refused = 0

    async def read(self, fn: Callable[[Any], Coroutine[Any, Any, Any]]) -> Any:
        """Reads from the wrapped store; raises `StorageUnavailable` if the page is too large."""
        page = await super().read(fn)
        if page is not None and page.size > self.most:
            self.refused += 1
            raise StorageUnavailable
        return page


async def test_pages_become_smaller_if_the_store_fails(environment: Environment) -> None:
    """The doctor retries in smaller pages, down to single rows, and counts no row twice."""
    whole, pieces = Report(ignored), Report(ignored)
    await examine(environment.store, Catalogue(), whole)
    slow = _Slow(environment.store, 1)
    await examine(slow, Catalogue(), pieces)
    assert pieces.rows == whole.rows
    assert slow.refused > 0
    slow.most = 0
    with pytest.raises(StorageUnavailable):
        await examine(slow, Catalogue(), pieces)


async def test_findings_contain_no_values(environment: Environment) -> None:
    """A finding names the key of a row and never quotes its value."""
    await put(
        environment.store,
        *(
            (sessions.SESSION_OWNER.key(one), b"secret")
            for one in (environment.user_id, environment.tenant_id)
        ),
        (Subspace(("auth", "user")).pack((environment.login_id,)), b"\x1a\x06secret"),
    )
    found = await findings(environment.store)
    assert len(found) == 3
    assert "secret" not in str(found)


def examined(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Runs the doctor's command on the store in a folder."""
    command = [sys.executable, "-m", "ops.doctor", f"lmdb://{folder}", *options]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)


def prepare(folder: Path, *rows: tuple[bytes, bytes]) -> None:
    """Creates a populated store and writes additional rows."""

    async def populate() -> None:
        store = open_store(f"lmdb://{folder}?map_size={1 << 30}")
        environment = Environment(store)
        await environment.populate()
        await put(store, *rows)
        await environment.close()
        await store.close()

    asyncio.run(populate())


def test_the_command_on_a_clean_store(tmp_path: Path) -> None:
    """The command exits with code 0 and prints a line per family."""
    prepare(tmp_path)
    done = examined(tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "auth/user: 5 rows\n" in done.stdout
    assert done.stdout.endswith(" rows, 0 problems\n")


def test_the_command_reports_findings(tmp_path: Path) -> None:
    """The command exits with code 1, prints a line per finding, and escapes bytes in keys."""
    place = sessions.SESSION_OWNER.key(STRANGER)
    prepare(tmp_path, (STRAY, b""), (place, b""))
    done = examined(tmp_path)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.splitlines()[:2] == [
        r"key=\x02other\x00\x02one\n\x00\x15\x02: belongs to no declared family",
        f"sessions/session session_id={STRANGER}: has no session of that owner",
    ]
    assert done.stdout.endswith(" rows, 2 problems\n")
    *_, finding, summary = [
        json.loads(line) for line in examined(tmp_path, "--json").stdout.splitlines()
    ]
    assert finding["key"] == {"session_id": str(STRANGER)}
    assert (summary["findings"], summary["strays"], summary["rows"]["auth/user"]) == (2, 1, 5)


def test_the_command_refuses_an_unfinished_copy(tmp_path: Path) -> None:
    """The command exits with code 2 if a copy into the store has not finished."""

    async def begin() -> None:
        store = open_store(f"lmdb://{tmp_path}?map_size={1 << 30}")
        await Progress(store, "elsewhere", b"run").claim(anew=False)
        await store.close()

    asyncio.run(begin())
    done = examined(tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "not finished" in done.stderr


@pytest.mark.parametrize("arguments", [("--jsn",), ("?map_size=x",)])
def test_the_command_refuses_a_missing_store(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """The command exits with code 2 and a reason, and creates no folder."""
    folder = tmp_path / "nothing"
    for done in (examined(folder), examined(folder, *arguments)):
        assert done.returncode == 2
        assert "doctor: " in done.stderr
    assert not folder.exists()

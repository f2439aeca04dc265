"""How soon every replica rejects a token after the rights that it states have changed.

Each replica of each service is probed continuously with the token, over gRPC, by a method that
checks only the token before it rejects the request. A refusal counts from when its response has
arrived, a change from when its request is sent.
"""

import asyncio
import math
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple
from uuid import uuid4

import pyotp

from bench.cost import Line
from bench.load import run
from bench.system import PASSWORD, Row, User, at_most, checked, new_user
from coditect.auth.v5 import logins_pb2, logins_pb2_grpc
from coditect.sessions.v5 import sessions_pb2, sessions_pb2_grpc
from coditect.tenants.v5 import tenants_pb2, tenants_pb2_grpc
from kernel.rpc.client import Client
from kernel.rpc.errors import RemoteError
from tools.laptop import Laptop

CHANGES = 300
CLIENTS = 8  # that read meanwhile
LOAD_SECONDS = 5
READY_SECONDS = 30
BETWEEN_SECONDS = 0.003  # between two probes of one replica: more would load the system noticeably
BUDGET_MILLISECONDS = 100


class Person:
    """A user who acts in an organization.

    Args:
        url: Where the gateway is.
    """

    def __init__(self, url: str) -> None:
        self.line = Line(url)
        self.email = f"{uuid4()}@example.com"
        names = {"firstName": "Bench", "lastName": "Mark"}
        body = {"email": self.email, "password": PASSWORD, **names}
        answer = self.line.call(("POST", "/auth/register", body))
        self.user_id = str(answer["user"]["userId"])
        self._home = str(answer["tokens"]["accessToken"])
        self.token = self._home

    def set_up_app(self) -> None:
        """Sets up an authenticator app."""
        made = self.line.call(("POST", "/auth/factors/totp", {"name": "Bench"}), self._home)
        path = f"/auth/factors/totp/{made['factorId']}/confirm"
        body = {"code": pyotp.TOTP(made["secret"]).now()}
        confirmed = self.line.call(("POST", path, body), self._home)
        self._home = str(confirmed["tokens"]["accessToken"])

    def switch(self, tenant_id: str) -> None:
        """Gets a token for an organization."""
        call = ("POST", "/auth/switch-tenant", {"tenantId": tenant_id})
        self.token = str(self.line.call(call, self._home)["tokens"]["accessToken"])

    def found(self) -> str:
        """Creates an organization, gets a token for it, and returns its id."""
        tenant_id = self.line.call(("POST", "/tenants", {"name": "Bench"}), self._home)["tenantId"]
        self.switch(tenant_id)
        return str(tenant_id)

    def join(self, owner: "Person", tenant_id: str) -> None:
        """Accepts an invitation of the owner, and gets a token."""
        body = {"email": self.email, "role": "member"}
        invite = ("POST", f"/tenants/{tenant_id}/invitations", body)
        token = self.line.call(invite, owner.token)["token"]
        self.line.call(("POST", "/invitations/accept", {"token": token}), self._home)
        self.switch(tenant_id)


class Team:
    """An owner and a member, and the changes that end the member's token."""

    def __init__(self, url: str) -> None:
        self.owner, self.member = Person(url), Person(url)
        self.owner.set_up_app()
        self.tenant_id = self.owner.found()
        self.member.join(self.owner, self.tenant_id)

    def demand(self, _: int) -> None:
        """Asks the members for a second factor."""
        self._set_policy(required=True)

    def demand_no_more(self) -> None:
        """Asks for none."""
        self.owner.switch(self.tenant_id)
        self._set_policy(required=False)
        self.owner.switch(self.tenant_id)
        self.switch()

    def _set_policy(self, *, required: bool) -> None:
        path = f"/tenants/{self.tenant_id}/policy"
        self._call("PATCH", path, {"secondFactorRequired": required})

    def change_role(self, number: int) -> None:
        """Changes the member's role."""
        role = "member" if number % 2 else "admin"
        path = f"/tenants/{self.tenant_id}/members/{self.member.user_id}"
        self._call("PATCH", path, {"role": role})

    def remove(self, _: int) -> None:
        """Removes the member."""
        self._call("DELETE", f"/tenants/{self.tenant_id}/members/{self.member.user_id}")

    def suspend(self, _: int) -> None:
        """Suspends the organization."""
        self._call("PATCH", f"/tenants/{self.tenant_id}", {"state": "suspended"})

    def delete(self, _: int) -> None:
        """Deletes the organization."""
        self._call("DELETE", f"/tenants/{self.tenant_id}")

    def switch(self) -> None:
        """Switches the member to the organization again."""
        self.member.switch(self.tenant_id)

    def rejoin(self) -> None:
        """Invites the member again, and accepts for it."""
        self.member.join(self.owner, self.tenant_id)

    def resume(self) -> None:
        """Resumes the organization."""
        self.owner.switch(self.tenant_id)
        self._call("PATCH", f"/tenants/{self.tenant_id}", {"state": "active"})
        self.owner.switch(self.tenant_id)
        self.switch()

    def begin_anew(self) -> None:
        """Creates another organization for the same two users."""
        self.tenant_id = self.owner.found()
        self.rejoin()

    def _call(self, method: str, path: str, body: object = None) -> None:
        self.owner.line.call((method, path, body), self.owner.token)


Change = tuple[Callable[[Team, int], None], Callable[[Team], None]]

_CHANGES: Mapping[str, Change] = {
    "policy": (Team.demand, Team.demand_no_more),
    "role change": (Team.change_role, Team.switch),
    "removal": (Team.remove, Team.rejoin),
    "suspension": (Team.suspend, Team.resume),
    "deletion": (Team.delete, Team.begin_anew),
}
"""The change that is measured, and what undoes it before the next one."""


class Probe(NamedTuple):
    """A replica of a service, and the call that probes it."""

    client: Client
    method: Any
    request: Any

    async def refuses(self, token: str) -> bool:
        """Whether it rejects the token, not just the request."""
        try:
            await self.client.call(self.method, self.request, access_token=token)
        except RemoteError as error:
            if error.reason not in {"ACCESS_TOKEN_REVOKED", "INVALID_REQUEST"}:
                raise
            return error.reason == "ACCESS_TOKEN_REVOKED"
        raise RuntimeError("the request should be refused")


class Taken(NamedTuple):
    """Milliseconds from the request of a change to its response, and to the last refusal.

    The refusals are those of the replicas that learn of the change first, and those of all.
    """

    answered: float
    nearby: float
    everywhere: float


_WHAT = ("answered", "refused by the first replicas", "refused by all")


class Probes:
    """All replicas, probed from an event loop in its own thread.

    Args:
        addresses: Where the replicas of each service are.
    """

    def __init__(self, addresses: Mapping[str, list[str]]) -> None:
        self._runner = asyncio.Runner()
        self._runner.run(self._open(addresses))

    def close(self) -> None:
        """Closes the connections."""
        self._runner.run(self._close())
        self._runner.close()

    def wait_until_ready(self, token: str) -> None:
        """Waits until every replica accepts a valid token."""

        async def wait() -> None:
            async with asyncio.timeout(READY_SECONDS):
                for probe in self._all:
                    while not await _is_ready(probe, token):  # noqa: ASYNC110 - a process
                        await asyncio.sleep(0.1)

        self._runner.run(wait())

    def measure(self, token: str, change: Callable[[], None]) -> Taken:
        """Makes a change, and probes until every replica rejects the token."""
        return self._runner.run(self._measure(token, change))

    async def _open(self, addresses: Mapping[str, list[str]]) -> None:
        self._all = [_probe(name, one) for name, some in addresses.items() for one in some]

    async def _close(self) -> None:
        for probe in self._all:
            await probe.client.close()

    async def _measure(self, token: str, change: Callable[[], None]) -> Taken:
        for probe in self._all:
            if await probe.refuses(token):
                raise RuntimeError("the token was refused too soon")
        began = time.perf_counter()
        asking = [asyncio.create_task(_refused(probe, token)) for probe in self._all]
        await asyncio.to_thread(change)
        answered = time.perf_counter()
        refused = await asyncio.gather(*asking)
        # The order is: first replica of a service, then its second.
        ends = answered, max(refused[::2]), max(refused)
        return Taken(*((end - began) * 1000 for end in ends))


async def _is_ready(probe: Probe, token: str) -> bool:
    try:
        return not await probe.refuses(token)
    except RemoteError:
        return False


async def _refused(probe: Probe, token: str) -> float:
    async with asyncio.timeout(READY_SECONDS):
        while not await probe.refuses(token):  # noqa: ASYNC110 - as above
            await asyncio.sleep(BETWEEN_SECONDS)
        return time.perf_counter()


def _probe(name: str, address: str) -> Probe:
    client = Client(address, name)
    # Without an id, every request is rejected if the token is accepted.
    if name == "auth":
        auth = client.stub(logins_pb2_grpc.LoginsServiceStub)
        return Probe(client, auth.SwitchTenant, logins_pb2.SwitchTenantRequest())
    if name == "tenants":
        tenants = client.stub(tenants_pb2_grpc.TenantsServiceStub)
        return Probe(client, tenants.GetTenant, tenants_pb2.GetTenantRequest())
    sessions = client.stub(sessions_pb2_grpc.SessionsServiceStub)
    return Probe(client, sessions.GetSession, sessions_pb2.GetSessionRequest())


def measure(
    running: Laptop,
    addresses: Mapping[str, list[str]],
    names: Sequence[str] = tuple(_CHANGES),
    seconds: float = math.inf,
) -> Iterator[Row]:
    """Makes each change many times, without other load and under half of the maximum read load.

    Args:
        running: The system.
        addresses: Where its replicas are.
        names: Which changes.
        seconds: The time for each change and load, in which fewer changes may be made.
    """
    url, reader, probes = running.settings.url, new_user(running), Probes(addresses)
    try:
        probes.wait_until_ready(Team(url).member.token)
        for name in names:
            yield from _changes(name, "quiet", url, probes, seconds)
        most = checked(
            run(reader.session_url, seconds=LOAD_SECONDS, clients=CLIENTS, headers=reader.headers)
        )
        yield Row("reads/s, maximum", f"{most.rate:.0f}")
        with _reading(reader, most.rate / 2):
            for name in names:
                yield from _changes(name, "under half of them", url, probes, seconds)
    finally:
        probes.close()


@contextmanager
def _reading(reader: User, rate: float) -> Iterator[None]:
    """Reads in the background at a rate per second."""
    stop, read = threading.Event(), partial(run, reader.session_url, headers=reader.headers)

    def read_on() -> None:
        while not stop.is_set():
            checked(read(seconds=LOAD_SECONDS, clients=CLIENTS, rate=rate))

    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(read_on)
        try:
            yield
        finally:
            stop.set()
        reading.result()


def _changes(name: str, when: str, url: str, probes: Probes, seconds: float) -> Iterator[Row]:
    change, undo = _CHANGES[name]
    team = Team(url)  # whose owner has just proved who they are
    taken: list[Taken] = []
    end = time.monotonic() + seconds
    while len(taken) < CHANGES and time.monotonic() < end:
        number = len(taken)
        taken.append(probes.measure(team.member.token, lambda: change(team, number)))  # noqa: B023
        undo(team)
    label = f"{name}, {when}"
    for what, times in zip(_WHAT, zip(*taken, strict=True), strict=True):
        yield Row(f"{label}: {what}, p50 / p99 ms", _percentiles(times))
    last = _percentile([one.everywhere for one in taken], 0.99)
    yield at_most(f"{label}: refused everywhere, p99", last, BUDGET_MILLISECONDS, "ms")


def _percentiles(times: Sequence[float]) -> str:
    return f"{_percentile(times, 0.5):.0f} / {_percentile(times, 0.99):.0f}"


def _percentile(times: Sequence[float], share: float) -> float:
    return sorted(times)[int(share * len(times))]

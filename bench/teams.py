"""Measures what calls cost in a large organization, and how soon a change in one takes effect.

python -m bench.teams [MEMBERS] [lmdb|fdb]    default 100,000 on LMDB; needs h2load, or FoundationDB
python -m bench teams [SECONDS]               only how soon a changed role is enforced

A large organization and one of a hundred members are in one store, and the same calls alternate
between them; the cost of a call is its processor time, see cost.py. After that, each service has
two replicas, and the time is measured until all of them reject an outdated token, see refusals.py.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from uuid import uuid4

import psutil

from bench import refusals, users
from bench.cost import CALLERS, Line, Processes, at_once, costs
from bench.load import Skipped
from bench.organizations import Organization
from bench.system import CHEAP, PASSWORD, Row, Twice, at_most, laptop, table
from tests.support.cluster import Cluster

FEW = 100
ROUNDS = 7
PAGE = 50
PAGES = 10  # a random one is read
VARIABLES = {
    **CHEAP,
    "TOKEN_SECONDS": "3600",
    "MEMBERS_PER_TENANT": "150000",
    "INVITATIONS_PER_TENANT": "1000000",
    "INVITATION_EMAILS_PER_ADDRESS": "1000000",
    "INVITATION_EMAILS_PER_MAILBOX": "1000000",
    "INVITATION_EMAILS_PER_USER": "1000000",
}


@dataclass
class Actor:
    """An owner of an organization, and a guest that it removes and invites again.

    Attributes:
        line: The connection that they use.
        organization: The organization.
        number: The index of the owner.
    """

    line: Line
    organization: Organization
    number: int
    pages: list[str] = field(default_factory=list)
    changes: int = 0

    def begin(self) -> None:
        """Logs both in, and collects the page tokens of some pages of members."""
        self.pages.clear()
        owner = users.email(self.organization.owners[self.number])
        home = self.line.log_in(owner, PASSWORD)["tokens"]["accessToken"]
        self.token = self._switch(home)
        self.guest_id = users.user_id(self.organization.joiners[self.number])
        self.guest_email = users.email(self.organization.joiners[self.number])
        guest = self.line.log_in(self.guest_email, PASSWORD)
        self.guest_token = guest["tokens"]["accessToken"]
        # Spaced so that a whole page follows the last one.
        apart = (self.organization.size - PAGE) // PAGES
        for _ in range(PAGES):
            after = f"&pageToken={self.pages[-1]}" if self.pages else ""
            path = f"{self._path}/members?pageSize={min(apart, 1000)}{after}"
            self.pages.append(self.line.call(("GET", path, None), self.token)["nextPageToken"])

    def page(self) -> None:
        """Reads a page of members."""
        token = Random().choice(self.pages)  # noqa: S311 - no secret
        path = f"{self._path}/members?pageSize={PAGE}&pageToken={token}"
        found = self.line.call(("GET", path, None), self.token)["members"]
        assert len(found) == PAGE

    def change_role(self) -> None:
        """Makes a member an admin, or makes that admin a member again."""
        role = "member" if self.changes % 2 else "admin"
        mine = self.organization.others[self.number :: CALLERS]
        member_id = self.organization.other_id(mine[self.changes // 2 % len(mine)])
        path = f"{self._path}/members/{member_id}"
        self.line.call(("PATCH", path, {"role": role}), self.token)
        self.changes += 1

    def switch(self) -> None:
        """Switches the login to the tenant that is already active."""
        self._switch(self.token)

    def invite(self) -> None:
        """Invites an address that never accepts."""
        body = {"email": f"{uuid4()}@example.com", "role": "member"}
        self.line.call(("POST", f"{self._path}/invitations", body), self.token)

    def get(self) -> None:
        """Reads the organization."""
        self.line.call(("GET", self._path, None), self.token)

    def return_guest(self) -> None:
        """Removes the guest, invites it again, and accepts for it."""
        self.line.call(("DELETE", f"{self._path}/members/{self.guest_id}", None), self.token)
        body = {"email": self.guest_email, "role": "member"}
        made = self.line.call(("POST", f"{self._path}/invitations", body), self.token)
        accept = {"token": made["token"]}
        self.line.call(("POST", "/invitations/accept", accept), self.guest_token)

    @property
    def _path(self) -> str:
        return f"/tenants/{self.organization.tenant_id}"

    def _switch(self, token: str) -> str:
        body = {"tenantId": str(self.organization.tenant_id)}
        answer = self.line.call(("POST", "/auth/switch-tenant", body), token)
        return str(answer["tokens"]["accessToken"])


CALLS = {
    "GET tenant": (Actor.get, 100),
    "page of members": (Actor.page, 50),
    "switch-tenant": (Actor.switch, 50),
    "role change": (Actor.change_role, 25),
    "invite": (Actor.invite, 50),
    "remove, invite and accept": (Actor.return_guest, 10),
}
"""The operations, and how often each caller performs one in a round."""


def main() -> int:
    """Measures, prints, and returns 1 if a budget is missed."""
    numbers = [int(argument) for argument in sys.argv[1:] if argument.isdecimal()]
    many, store = (numbers or [100_000])[0], "fdb" if "fdb" in sys.argv[1:] else "lmdb"
    with tempfile.TemporaryDirectory(prefix="coditect-bench-") as folder:
        try:
            rows = list(_measure(Path(folder), many, store))
        except Skipped as error:
            print(f"bench: {error}", file=sys.stderr)
            return 2
    return table(rows)


def measure(folder: Path, seconds: int) -> Iterator[Row]:
    """How soon two replicas of each service refuse the tokens of a changed role."""
    twice = Twice()
    with laptop(folder / "data", twice, VARIABLES) as running:
        running.wait_until_ready()
        yield from refusals.measure(running, twice.addresses, ["role change"], 4 * seconds)


def _measure(folder: Path, many: int, store: str) -> Iterator[Row]:
    url, servers = f"lmdb://{folder}/store", []
    with ExitStack() as stack:
        if store == "fdb":
            (folder / "cluster").mkdir()
            cluster = stack.enter_context(Cluster(folder / "cluster"))
            url = f"fdb://{cluster.file}"
            servers = [psutil.Process(pid) for pid in cluster.pids]
        organizations = _organizations(many)
        users.fill(url, 4 * CALLERS)
        for organization in organizations:
            began = time.monotonic()
            organization.fill(url)
            seconds = time.monotonic() - began
            yield Row(f"seconds to write {organization.size:,} members", f"{seconds:.0f}")
        variables = {**VARIABLES, "STORE_URL": url}
        yield from _compare(folder / "data", variables, organizations, servers)
        twice = Twice()
        with laptop(folder / "data", twice, variables) as running:
            running.wait_until_ready()
            yield from refusals.measure(running, twice.addresses)


def _organizations(many: int) -> list[Organization]:
    """A small and a large organization, each with its own acting users."""
    return [
        Organization(
            name,
            size,
            range(first, first + CALLERS),
            range(first + CALLERS, first + 2 * CALLERS),
        )
        for name, size, first in (("few", FEW, 0), ("many", many, 2 * CALLERS))
    ]


def _compare(
    folder: Path,
    variables: dict[str, str],
    organizations: list[Organization],
    servers: list[psutil.Process],
) -> Iterator[Row]:
    with laptop(folder, more=variables) as running:
        running.wait_until_ready()
        processes = Processes(running, servers)
        actors = {
            organization.size: [
                Actor(Line(running.settings.url), organization, number) for number in range(CALLERS)
            ]
            for organization in organizations
        }
        processes.wait_until_quiet()
        for name, (act, times) in CALLS.items():
            for actor in (one for some in actors.values() for one in some):
                actor.begin()  # some calls ask for a login of the last five minutes
            works = {
                size: (processes, partial(at_once, partial(_share, some, act, times)))
                for size, some in actors.items()
            }
            few, many = costs(works, ROUNDS).values()
            yield Row(f"{name}: ms", f"{few:.2f} {many:.2f}")
            yield at_most(f"{name}: many / few", many / few, 1.1, "x")


def _share(actors: list[Actor], act: Callable[[Actor], None], times: int, caller: int) -> int:
    for _ in range(times):
        act(actors[caller])
    return times


if __name__ == "__main__":
    sys.exit(main())

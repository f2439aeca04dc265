"""How soon what an operator does takes effect, with two replicas of auth and of sessions."""

import sys
import time
from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.end_to_end.account import try_login
from tests.end_to_end.conftest import client, start
from tests.end_to_end.operators import REASON, new_operator
from tests.end_to_end.person import PASSWORD, Person, new_person
from tests.end_to_end.replicas import TwoReplicas
from tests.end_to_end.second_factor import data_of
from tests.support.promises import LONG, within
from tools.laptop import Laptop

pytestmark = pytest.mark.drill

ROUNDS = 20 if LONG else 2
IN_A_ROW = 10
"""Connections are spread over the replicas, so that many answers come from both."""
PROMISE_SECONDS = 1.0


@pytest.fixture
def replicas(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laptop]:
    """A system with two replicas of auth and of sessions."""
    folder = tmp_path_factory.mktemp("replicas") / "data"
    with start(folder, TwoReplicas("auth", "sessions")) as running:
        running.wait_until_ready()
        yield running


def statuses(call: Callable[[], httpx.Response]) -> set[int]:
    """What several calls in a row answer."""
    return {call().status_code for _ in range(IN_A_ROW)}


class Watch:
    """How long acts took, from the request, until every replica went by them."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = {}

    def time(
        self, name: str, act: Callable[[], httpx.Response], effect: Callable[[], bool]
    ) -> None:
        """Does an act and waits for its effect."""
        began = time.monotonic()
        data_of(act())
        while not effect():
            assert time.monotonic() < began + within(PROMISE_SECONDS)
        self.seconds.setdefault(name, []).append(time.monotonic() - began)

    def show(self) -> None:
        """Prints the median and the longest time of each act, in milliseconds."""
        for name, found in self.seconds.items():
            median, longest = sorted(found)[len(found) // 2], max(found)
            sys.stdout.write(
                f"{name}: median {1000 * median:.0f} ms, longest {1000 * longest:.0f} ms\n"
            )


def in_tenant(person: Person) -> str:
    """A new organization of a person, for which the tokens are from now on."""
    tenant_id: str = data_of(person.call("POST", "/tenants", {"name": "Acme"}), 201)["tenantId"]
    switched = data_of(person.call("POST", "/auth/switch-tenant", {"tenantId": tenant_id}))
    person.tokens = person.tokens | switched["tokens"]
    return tenant_id


def one_round(http: httpx.Client, operator: Person, watch: Watch) -> None:
    """Suspends the organization of a new person, disables, enables and logs out that person."""
    person = new_person(http)
    tenant, user = f"tenants/{in_tenant(person)}", f"users/{person.user_id}"

    def act(path: str) -> Callable[[], httpx.Response]:
        return lambda: operator.call("POST", f"/operator/{path}", {"reason": REASON})

    def log_in() -> httpx.Response:
        return try_login(http, person.email, PASSWORD)

    def sessions() -> httpx.Response:
        return person.call("GET", "/sessions")

    watch.time("suspend", act(f"{tenant}/suspend"), lambda: statuses(sessions) == {401})
    watch.time("disable", act(f"{user}/disable"), lambda: statuses(log_in) == {403})
    watch.time("enable", act(f"{user}/enable"), lambda: log_in().status_code == 200)
    person.tokens = data_of(log_in())["tokens"]
    watch.time("logout", act(f"{user}/logout"), lambda: statuses(sessions) == {401})


def test_acts_take_effect_at_once(replicas: Laptop) -> None:
    """Every replica refuses the user within a second of the request, and lets them in as soon."""
    watch = Watch()
    with client(replicas) as http:
        operator, _ = new_operator(replicas, http)
        for _ in range(ROUNDS):
            one_round(http, operator, watch)
    watch.show()

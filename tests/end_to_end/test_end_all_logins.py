"""`python -m ops end-all-logins` on a running system with two replicas of auth."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import httpx
import pytest

from tests.end_to_end.conftest import client, start
from tests.end_to_end.person import EVERY_SERVICE, Person, error_of, log_in, new_person
from tests.end_to_end.programs import (
    Script,
    agent_of,
    new_session,
    script_of,
    script_of_account,
    service_account,
)
from tests.end_to_end.promptness import LONG
from tests.end_to_end.replicas import SECOND, TwoReplicas
from tests.end_to_end.team import found, refresh, switch
from tools.laptop import Laptop

pytestmark = pytest.mark.drill

CONFIRMED = ("--confirm", "end all logins")
PROMISE_SECONDS = 1.0
"""How long after the command a token is good at most; measured only where nothing else runs."""
PATIENCE_SECONDS = 30.0
IN_A_ROW = 10
"""Connections are spread over the replicas, so that many answers come from both."""


@pytest.fixture(scope="module")
def replicas(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laptop]:
    """A system with two replicas of auth."""
    with start(tmp_path_factory.mktemp("replicas") / "data", TwoReplicas()) as running:
        running.wait_until_ready()
        yield running


@pytest.fixture
def http(replicas: Laptop) -> Iterator[httpx.Client]:
    """A client of the system."""
    with client(replicas) as opened:
        yield opened


def end_all_logins(laptop: Laptop, *options: str) -> subprocess.CompletedProcess[str]:
    """Runs the command on the store of a system."""
    command = [sys.executable, "-m", "ops", "end-all-logins", "--store", laptop.settings.store]
    return subprocess.run([*command, *options], capture_output=True, text=True, check=False)


def statuses(caller: Person | Script) -> list[int]:
    """The answers of every service, several times."""
    return [caller.call("GET", path).status_code for path in EVERY_SERVICE * IN_A_ROW]


def wait_for(status: int, *callers: Person | Script) -> float:
    """Waits until every service answers all callers with a status; returns the seconds it took."""
    began = time.monotonic()
    while any(set(statuses(caller)) != {status} for caller in callers):
        assert time.monotonic() < began + PATIENCE_SECONDS
    return time.monotonic() - began


def refused_refresh(person: Person) -> str:
    """The code with which a refresh is refused."""
    body = {"refreshToken": person.tokens["refreshToken"]}
    answer = person.http.post("/api/v5/auth/refresh", json=body)
    assert answer.status_code == 401, answer.text
    return str(error_of(answer)["code"])


def test_everybody_is_out_and_can_come_back(replicas: Laptop, http: httpx.Client) -> None:
    """Logins, agents and personal tokens end in every service; keys of service accounts go on."""
    people = [new_person(http) for _ in range(4)]
    owner = new_person(http)
    script, agent = script_of(owner), agent_of(owner, new_session(owner))
    switch(owner, tenant := found(owner))
    server = script_of_account(owner, service_account(owner, tenant))
    assert agent.call("GET", "/sessions").status_code == 200
    done = end_all_logins(replicas, *CONFIRMED)
    began = time.monotonic()
    assert (done.returncode, done.stderr) == (0, "")
    assert {refused_refresh(person) for person in (*people, owner)} == {"REFRESH_TOKEN_INVALID"}
    wait_for(401, *people, script, agent)
    print(f"refused everywhere after {time.monotonic() - began:.2f} s")  # noqa: T201
    if LONG:
        assert time.monotonic() - began < PROMISE_SECONDS
    back = [log_in(http, person) for person in people]
    wait_for(200, *back)
    refresh(back[0])
    assert back[0].call("GET", "/sessions").status_code == 200
    _wait(lambda: server.call("GET", "/sessions").status_code == 200)
    again = log_in(http, owner)
    _wait(lambda: again.call("GET", "/auth/me").status_code == 200)
    assert statuses(script) == [401] * len(EVERY_SERVICE) * IN_A_ROW


def test_tokens_and_keys_by_the_options(replicas: Laptop, http: httpx.Client) -> None:
    """`--keep-tokens` keeps personal tokens, `--programs` ends keys of service accounts as well."""
    owner = new_person(http)
    script = script_of(owner)
    switch(owner, tenant := found(owner))
    server = script_of_account(owner, service_account(owner, tenant))
    assert end_all_logins(replicas, *CONFIRMED, "--keep-tokens", "--programs").returncode == 0
    wait_for(401, owner)
    wait_for(200, script)
    _wait(lambda: server.call("GET", "/sessions").status_code == 401)


def test_access_tokens_alone(replicas: Laptop, http: httpx.Client) -> None:
    """With `--only-access-tokens` clients refresh, and no user logs in again."""
    person = new_person(http)
    script = script_of(person)
    done = end_all_logins(replicas, *CONFIRMED, "--only-access-tokens")
    assert done.returncode == 0, done.stderr
    wait_for(401, person)
    refresh(person)
    wait_for(200, person, script)


@pytest.mark.parametrize(
    ("options", "code"),
    [((), 1), (("--confirm", "yes"), 1), (("--dry-run",), 0), (("--dry-run", "--programs"), 0)],
    ids=["silent", "wrong", "dry-run", "dry-run-of-programs"],
)
def test_nothing_ends_by_mistake(
    replicas: Laptop, http: httpx.Client, options: tuple[str, ...], code: int
) -> None:
    """Without the words of the confirmation, and in a dry run, all tokens stay good."""
    person = new_person(http)
    script = script_of(person)
    done = end_all_logins(replicas, *options)
    assert done.returncode == code
    if code:
        assert 'give --confirm "end all logins"' in done.stderr
    else:
        assert "would end: all access tokens\n" in done.stdout
        assert "personal access tokens\n" in done.stdout
        assert ("keys of service accounts" in done.stdout) == ("--programs" in options)
    assert set(statuses(person) + statuses(script)) == {200}


def test_while_users_log_in(replicas: Laptop, http: httpx.Client) -> None:
    """Of logins that begin meanwhile, those of before are out, and those of after work."""
    person, stop = new_person(http), Event()
    made: list[tuple[float, float, Person]] = []

    def log_in_all_the_time() -> None:
        while not stop.is_set():
            began = time.monotonic()
            login = log_in(http, person)
            made.append((began, time.monotonic(), login))

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(log_in_all_the_time)
        try:
            _wait(lambda: running.done() or made)
            before = time.monotonic()
            assert end_all_logins(replicas, *CONFIRMED).returncode == 0
            ended = time.monotonic()
            _wait(lambda: running.done() or made[-1][0] > ended)
        finally:
            stop.set()
        running.result()
    old = [login for _, answered, login in made if answered < before]
    new = [login for began, _, login in made if began > ended]
    assert refused_refresh(old[-1]) == "REFRESH_TOKEN_INVALID"
    refresh(new[-1])
    wait_for(200, new[-1])


def test_without_any_service(replicas: Laptop, http: httpx.Client) -> None:
    """The command needs the store alone; services that start afterwards know no old token."""
    person = new_person(http)
    for name in ("auth", SECOND):
        replicas.kill(name)
    assert end_all_logins(replicas, *CONFIRMED).returncode == 0
    for name in ("auth", SECOND):
        replicas.restart(name)
    replicas.wait_until_ready()
    wait_for(401, person)
    assert refused_refresh(person) == "REFRESH_TOKEN_INVALID"
    wait_for(200, log_in(http, person))


@pytest.mark.parametrize("store", ["", "lmdb:///nowhere/at/all", "mysql://host/db"])
def test_a_store_that_is_not_there(store: str) -> None:
    """The command says so, and creates none."""
    command = [sys.executable, "-m", "ops", "end-all-logins", "--store", store, *CONFIRMED]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("end-all-logins: ")
    assert done.stderr.count("\n") == 1


def _wait(held: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not held():
        assert time.monotonic() < end
        time.sleep(0.05)

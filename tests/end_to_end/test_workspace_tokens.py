"""Agents with workspace tokens at the gateway, with two replicas of auth and of sessions."""

import re
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Self

import httpx
import jwt
import pytest

from services.auth.bearer_tokens.format import PATTERN
from tests.end_to_end.account import activity
from tests.end_to_end.conftest import client, start
from tests.end_to_end.person import EVERY_SERVICE, Person, error_of, log_in, new_person
from tests.end_to_end.programs import Script, agent_of, new_session
from tests.end_to_end.promptness import (
    ENFORCED_SECONDS,
    assert_prompt,
    p50,
    p99,
)
from tests.end_to_end.replicas import TwoReplicas
from tests.end_to_end.team import found, joined, refresh, switch
from tests.end_to_end.waiting import eventually
from tests.support.promises import LONG, PATIENCE_SECONDS
from tools.laptop import Laptop

ROUNDS = 20 if LONG else 3
READ = ["account:read", "sessions:read", "sessions:write", "tenants:read"]


@pytest.fixture(scope="module")
def replicas(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laptop]:
    """A system with two replicas of auth and of sessions."""
    folder = tmp_path_factory.mktemp("workspaces") / "data"
    with start(folder, TwoReplicas("auth", "sessions")) as running:
        running.wait_until_ready()
        yield running


@pytest.fixture
def http(replicas: Laptop) -> Iterator[httpx.Client]:
    """A client of the system."""
    with client(replicas) as opened:
        yield opened


def refusal(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of an answer; no code for a good one."""
    return answer.status_code, "" if answer.is_success else str(error_of(answer)["code"])


class Agent(threading.Thread):
    """An agent that calls every service in a loop, until each has refused it several times in a row.

    Attributes:
        taken: When it began its last call that was taken, by `time.perf_counter`.
        calls: How often it was answered.
        fault: An answer that is neither good nor a refusal.
    """

    def __init__(self, script: Script) -> None:
        super().__init__()
        self._script = script
        self._started = threading.Event()
        self.taken = 0.0
        self.calls = 0
        self.fault = ""

    def __enter__(self) -> Self:
        """Starts it, and waits until it is at work."""
        self.start()
        assert self._started.wait(PATIENCE_SECONDS)
        return self

    def __exit__(self, *_: object) -> None:
        """Waits until it is refused."""
        self.join(PATIENCE_SECONDS)
        assert not self.is_alive(), f"it is taken for {PATIENCE_SECONDS:g} seconds"

    def run(self) -> None:
        """Calls, and calls again."""
        refused = 0
        while refused < 10 * len(EVERY_SERVICE):
            path = EVERY_SERVICE[self.calls % len(EVERY_SERVICE)]
            began = time.perf_counter()
            answer = self._script.call("GET", path)
            self.calls += 1
            if answer.is_success:
                self.taken, refused = began, 0
                if self.calls > 2 * len(EVERY_SERVICE):
                    self._started.set()
            else:
                refused += 1
                if refusal(answer)[0] != 401:
                    self.fault = answer.text


class Place:
    """Somebody at work in an organization, whose owner looks on."""

    def __init__(self, http: httpx.Client) -> None:
        self.owner = new_person(http)
        self.tenant_id = found(self.owner)
        assert switch(self.owner, self.tenant_id).status_code == 200
        self.person = joined(self.owner, self.tenant_id)
        self.session = new_session(self.person)


End = Callable[[Place, Script], httpx.Response]


def _log_out_everywhere(place: Place, _: Script) -> httpx.Response:
    return place.person.call("POST", "/auth/logout-all")


ENDS: dict[str, End] = {
    "session deleted": lambda place, _: place.person.call("DELETE", place.session),
    "sessions deleted": lambda place, _: place.person.call("DELETE", "/sessions"),
    "deleted by an admin": lambda place, _: place.owner.call("DELETE", place.session),
    "by the agent itself": lambda place, agent: agent.call("DELETE", place.session),
    "user removed": lambda place, _: place.owner.call(
        "DELETE", f"/tenants/{place.tenant_id}/members/{place.person.user_id}"
    ),
    "login logged out": lambda place, _: place.person.call("POST", "/auth/logout"),
    "logged out everywhere": _log_out_everywhere,
    "token revoked": lambda place, agent: place.person.call(
        "DELETE", f"{place.session}/tokens/{agent.token_id}"
    ),
}


@pytest.mark.drill
@pytest.mark.timeout(400)
def test_what_ends_an_agent_ends_it_at_once(replicas: Laptop, http: httpx.Client) -> None:
    """Every service refuses it, while it calls in a loop.

    At the answer it is refused already; half of the time, soon after the request for the end was sent.
    """
    since_request, since_answer = [], []
    with client(replicas) as its_own:
        for way, end in ENDS.items():
            took = [_end_of_agent(http, its_own, end) for _ in range(ROUNDS)]
            since_request += [one for one, _ in took]
            since_answer += [one for _, one in took]
            print(way, _summary(since_request[-ROUNDS:], since_answer[-ROUNDS:]))  # noqa: T201
    print("all", _summary(since_request, since_answer))  # noqa: T201
    assert_prompt(since_answer)
    if LONG:
        assert p50(since_request) < ENFORCED_SECONDS, sorted(since_request)


def _end_of_agent(http: httpx.Client, its_own: httpx.Client, end: End) -> tuple[float, float]:
    """How long an agent is taken after the request that ends it, and after the answer."""
    place = Place(http)
    script = agent_of(place.person, place.session, READ, http=its_own)
    with Agent(script) as agent:
        begin = time.perf_counter()
        answer = end(place, script)
        answered = time.perf_counter()
        assert answer.is_success, answer.text
    assert agent.fault == ""
    return max(0.0, agent.taken - begin), max(0.0, agent.taken - answered)


def _summary(since_request: list[float], since_answer: list[float]) -> str:
    return (
        f"taken after the answer p99 {1000 * p99(since_answer):.0f} ms, after the request"
        f" p50 {1000 * p50(since_request):.0f} ms, p99 {1000 * p99(since_request):.0f} ms"
    )


def test_a_token_acts_for_its_user_in_its_session(http: httpx.Client) -> None:
    """It reads every service within its scopes, and no session but its own."""
    person = new_person(http)
    session, other = new_session(person), new_session(person)
    agent = agent_of(person, session, READ)
    assert re.fullmatch(PATTERN, agent.token)
    for path in (*EVERY_SERVICE, session):
        for _ in range(4):
            assert refusal(agent.call("GET", path)) == (200, "")
    (only,) = agent.call("GET", "/sessions").json()["data"]["sessions"]
    assert session.endswith(only["sessionId"])
    assert agent.call("PATCH", session, {"name": "by the agent"}).is_success
    for method, path, body, wanted in (
        ("GET", other, None, (404, "SESSION_NOT_FOUND")),
        ("PATCH", other, {"name": "x"}, (404, "SESSION_NOT_FOUND")),
        ("DELETE", other, None, (404, "SESSION_NOT_FOUND")),
        ("POST", "/sessions", {"name": "x"}, (403, "WORKSPACE_TOKEN_REFUSED")),
        ("DELETE", "/sessions", None, (403, "WORKSPACE_TOKEN_REFUSED")),
        ("POST", f"{other}/token", {}, (404, "SESSION_NOT_FOUND")),
        ("PATCH", "/auth/me", {"firstName": "x"}, (403, "SCOPE_MISSING")),
        ("GET", "/auth/logins", None, (403, "SCOPE_MISSING")),
        ("POST", "/tenants", {"name": "x"}, (403, "SCOPE_MISSING")),
        ("POST", "/auth/logout", None, (403, "SCOPE_MISSING")),
    ):
        found = refusal(agent.call(method, path, body))
        # A method that only the login has lets a program read less: never more.
        assert found == wanted or (path == "/auth/logins" and found[0] == 200), (method, path)


def test_a_chain_of_agents_never_widens(http: httpx.Client) -> None:
    """An agent makes a token for another: with less, never with more, and it ends with its own."""
    person = new_person(http)
    session = new_session(person)
    first = agent_of(person, session, ["sessions:read", "sessions:write"], "planner")
    second = agent_of(first, session, READ, "coder")
    third = agent_of(second, session, ["sessions:write"], "tester")
    assert refusal(second.call("GET", "/auth/me")) == (403, "SCOPE_MISSING")
    assert refusal(second.call("GET", session)) == (200, "")
    assert refusal(third.call("GET", session)) == (403, "SCOPE_MISSING")
    assert refusal(third.call("POST", f"{session}/token", {"scopes": ["sessions:read"]})) == (
        403,
        "SCOPE_MISSING",
    )
    tokens = person.call("GET", f"{session}/tokens").json()["data"]["workspaceTokens"]
    parents = {one["tokenId"]: one["parentTokenId"] for one in tokens}
    assert parents == {
        first.token_id: "",
        second.token_id: first.token_id,
        third.token_id: second.token_id,
    }
    assert person.call("DELETE", f"{session}/tokens/{second.token_id}").is_success
    # A service that follows the other replica of auth may hear of it after the answer.
    eventually(lambda: all(one.call("GET", session).status_code == 401 for one in (second, third)))
    assert refusal(first.call("GET", session)) == (200, "")


def test_the_log_names_user_program_and_agent(http: httpx.Client) -> None:
    """What the user reads: which agent was let in, and by which login."""
    person = new_person(http)
    session = new_session(person)
    agent = agent_of(person, session, ["account:read", "sessions:write"])
    assert activity(person)[-1] == "workspace_token.created"
    (event, *_) = agent.call("GET", "/auth/me/activity").json()["data"]["events"]
    assert (event["tokenId"], event["agent"], event["clientId"]) == (
        agent.token_id,
        "reviewer",
        "",
    )
    claims = jwt.decode(person.tokens["accessToken"], options={"verify_signature": False})
    assert event["loginId"] == claims["sid"]


def test_what_the_login_does_a_refresh_does_not_end(http: httpx.Client) -> None:
    """The token belongs to the login, not to its refresh tokens; another login does not end it."""
    person = new_person(http)
    agent = agent_of(person, session := new_session(person))
    other = log_in(http, person)
    for _ in range(3):
        refresh(person)
    assert other.call("POST", "/auth/logout").is_success
    for _ in range(4):
        assert refusal(agent.call("GET", session)) == (200, "")


def test_a_policy_without_programs_ends_agents(http: httpx.Client) -> None:
    """At once, and none is let in any more; allowed again, the token works again."""
    place = Place(http)
    agent = agent_of(place.person, place.session)
    policy = f"/tenants/{place.tenant_id}/policy"
    assert place.owner.call("PATCH", policy, {"programsAllowed": False}).is_success
    eventually(lambda: all(agent.call("GET", place.session).status_code == 401 for _ in range(4)))
    refresh(place.person)
    answer = place.person.call("POST", f"{place.session}/token", {})
    assert refusal(answer) == (403, "PROGRAMS_NOT_ALLOWED")


def test_a_token_that_is_made_while_its_session_ends(replicas: Laptop, http: httpx.Client) -> None:
    """Whichever comes first: after both answers no token of the session is good."""
    person, made = new_person(http), 0
    with client(replicas) as other, ThreadPoolExecutor(2) as threads:
        maker = Person(other, person.email, person.answer, person.tokens)
        for number in range(60):
            session = new_session(person)
            if number % 2:  # sessions already knows that it has tokens
                agent_of(person, session)
            making = threads.submit(maker.call, "POST", f"{session}/token", {})
            time.sleep(number % 10 / 2000)
            ending = threads.submit(person.call, "DELETE", session)
            assert ending.result().is_success
            answer = making.result()
            assert answer.status_code == 201 or refusal(answer) == (404, "SESSION_NOT_FOUND")
            if answer.status_code == 201:
                made += 1
                late = Script(http, answer.json()["data"]["token"], "")
                for path in EVERY_SERVICE:
                    assert late.call("GET", path).status_code in {401, 403}
                assert late.call("GET", "/sessions").status_code == 401
    print(f"{made} of 60 tokens were made before their session ended")  # noqa: T201

"""Webhooks of the real system, while replicas of tenants are killed and receivers fail."""

import asyncio
import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from itertools import islice
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.end_to_end.conftest import client, start
from tests.end_to_end.examination import examined
from tests.end_to_end.interruptions import serves, until
from tests.end_to_end.person import Person, new_person
from tests.end_to_end.replicas import TwoReplicas
from tests.end_to_end.second_factor import data_of
from tests.end_to_end.team import found, switch
from tests.end_to_end.waiting import eventually
from tests.support.documented import programs
from tests.support.receiver import Receiver
from tools.laptop import Laptop

EVENTS = 40
KILLS = 4
SECONDS = 90.0
RENAMED = "tenant.renamed"


@pytest.fixture
def replicas(tmp_path: Path) -> Iterator[Laptop]:
    """A system with two replicas of tenants."""
    with start(tmp_path / "data", TwoReplicas("tenants")) as running:
        running.wait_until_ready()
        yield running


@pytest.fixture
def receivers() -> Iterator[tuple[Receiver, Receiver]]:
    """Two receivers, in a thread of their own."""
    loop, first, second = asyncio.new_event_loop(), Receiver(), Receiver()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    for one in (first, second):
        asyncio.run_coroutine_threadsafe(one.start(), loop).result()
    yield first, second
    ends: list[Future[None]] = [
        asyncio.run_coroutine_threadsafe(one.stop(), loop) for one in (first, second)
    ]
    for end in ends:
        end.result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def webhook(owner: Person, tenant_id: str, receiver: Receiver, host: str = "127.0.0.1") -> str:
    """Makes a webhook, and returns its path."""
    body = {"name": "Hook", "url": receiver.url.replace("127.0.0.1", host)}
    made = data_of(owner.call("POST", f"/tenants/{tenant_id}/webhooks", body), 201)
    return f"/tenants/{tenant_id}/webhooks/{made['webhook']['webhookId']}"


def names(receiver: Receiver) -> list[str]:
    """The new names of the organization that a receiver has taken, each once."""
    taken = (one.event for one in list(receiver.got) if one.status == 204)
    found = [event["data"]["detail"] for event in taken if event["type"] == RENAMED]
    return list(dict.fromkeys(found))


@pytest.mark.drill
@pytest.mark.timeout(300)
def test_replicas_are_killed(replicas: Laptop, receivers: tuple[Receiver, Receiver]) -> None:
    """Every event arrives once or more, in order, and none is lost; the list has the same ones."""
    good, bad = receivers
    with client(replicas) as http:
        owner = new_person(http)
        tenant_id = found(owner)
        switch(owner, tenant_id)
        webhook(owner, tenant_id, good)
        bad.statuses = [500]
        failing = webhook(owner, tenant_id, bad, "localhost")
        wanted = []
        for number in range(EVENTS):
            rename = {"name": f"Team {number}"}
            until({200}, lambda: owner.call("PATCH", f"/tenants/{tenant_id}", rename))  # noqa: B023
            wanted.append(rename["name"])
            if number % (EVENTS // KILLS) == 0:
                _kill(replicas, ("tenants", "tenants-2")[number // (EVENTS // KILLS) % 2])
        eventually(lambda: names(good) == wanted, SECONDS)
        listed = _listed(owner, tenant_id)
        # The replica that delivers it may just have been killed, and the next one waits for its lease to end.
        eventually(lambda: _state(owner, failing).get("lastStatus") == 500, SECONDS)
        assert "failingSinceTime" in _state(owner, failing)
        bad.statuses = [204]
        until({200}, lambda: owner.call("PATCH", failing, {"enabled": False}))
        until({200}, lambda: owner.call("PATCH", failing, {"enabled": True}))
        eventually(lambda: names(bad) == wanted, SECONDS)
    first = list(dict.fromkeys(str(one) for one in good.ids))
    sent = [one for one in listed if one in first]
    assert len(sent) > EVENTS
    assert first[: len(sent)] == sent
    examined(replicas.settings.store)


def test_a_failing_receiver_delays_no_other(
    receivers: tuple[Receiver, Receiver], http: httpx.Client
) -> None:
    """The others get their events as soon as ever, in the same organization, too."""
    good, bad = receivers
    owner = new_person(http)
    tenant_id = found(owner)
    switch(owner, tenant_id)
    bad.delay = 20.0
    webhook(owner, tenant_id, bad, "localhost")
    path = webhook(owner, tenant_id, good)
    assert data_of(owner.call("POST", f"{path}/test")) == {"delivered": True, "status": 204}
    eventually(lambda: len(good.got) == 2, SECONDS)
    wanted = []
    for number in range(5):
        wanted.append(f"Team {number}")
        begin = time.monotonic()
        owner.call("PATCH", f"/tenants/{tenant_id}", {"name": wanted[-1]})
        eventually(lambda: names(good) == wanted, SECONDS)
        print(f"{time.monotonic() - begin:.2f} s to the receiver")  # noqa: T201
    assert names(bad) == []


def test_the_lines_of_the_document_follow_the_events(laptop: Laptop, http: httpx.Client) -> None:
    """Each event comes once, page after page."""
    owner = new_person(http)
    tenant_id = found(owner)
    switch(owner, tenant_id)
    owner.call("PATCH", f"/tenants/{tenant_id}", {"name": "Other"})
    names: dict[str, Any] = {}
    exec(programs("webhooks.md")["Follow the events"], names)  # noqa: S102 - as readers copy it
    api, token = f"{laptop.settings.url}/api/v5", owner.tokens["accessToken"]
    events = islice(names["follow"](api, tenant_id, token), 2)
    assert [event["type"] for event, _ in events] == ["tenant.created", RENAMED]


def _state(owner: Person, path: str) -> dict[str, Any]:
    """The state of a webhook, while replicas are killed."""
    return dict(data_of(until({200}, lambda: owner.call("GET", path))))


def _listed(owner: Person, tenant_id: str) -> list[str]:
    """The ids of all events, read page by page."""
    ids: list[str] = []
    cursor = ""
    while True:
        path = f"/tenants/{tenant_id}/events?pageSize=7&cursor={cursor}"
        page = data_of(until({200}, lambda: owner.call("GET", path)))  # noqa: B023
        ids += [event["eventId"] for event in page["events"]]
        cursor = page["nextCursor"]
        if not page["hasMore"]:
            return ids


def _kill(laptop: Laptop, name: str) -> None:
    """Kills a replica without a warning, and starts it again."""
    os.kill(laptop.pid(name), signal.SIGKILL)
    laptop.kill(name)
    laptop.restart(name)
    eventually(lambda: serves(laptop), SECONDS)

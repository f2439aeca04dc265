"""How the system starts in odd surroundings."""

import json
from pathlib import Path

import httpx

from tests.end_to_end.conftest import client, start
from tests.end_to_end.person import log_in, new_person
from tests.end_to_end.team import found, invite, joined, refresh, switch
from tests.support.setting_limits import all_at_most
from tools.docs.settings import SECTIONS
from tools.laptop import Laptop

DEAD_PROXY = "http://127.0.0.1:9"
PROXIES = ("grpc_proxy", "http_proxy", "https_proxy", "all_proxy")


def test_it_starts_where_everything_goes_through_a_proxy(tmp_path: Path) -> None:
    """No call between the programs takes the proxy of the environment, which is dead here."""
    environ = {name: DEAD_PROXY for proxy in PROXIES for name in (proxy, proxy.upper())}
    environ |= {"no_proxy": "localhost", "NO_PROXY": "localhost"}
    with start(tmp_path / "data", **environ) as laptop:
        laptop.wait_until_ready()
        with client(laptop) as http:
            person = new_person(http)
            assert person.call("GET", "/sessions").status_code == 200


def test_every_number_at_its_upper_bound(tmp_path: Path) -> None:
    """No time, size or count that the settings allow makes a call fail.

    Left out are the cost of a hash and of a thread, which need the machine for them, the time that a
    stop may take, and the length of a password, which the test's own does not have.
    """
    costly = {"ARGON2_MEMORY_KIB", "ARGON2_PASSES", "ARGON2_LANES", "WORKERS"}
    slow = {"DRAIN_SECONDS", "STOP_SECONDS"}
    environ = all_at_most(*SECTIONS.values())
    environ = {
        name: value
        for name, value in environ.items()
        if name not in costly | slow | {"PASSWORD_MIN_LENGTH"}
    }
    with start(tmp_path / "data", **environ) as laptop:
        laptop.wait_until_ready()
        with client(laptop) as http:
            owner = new_person(http)
            tenant = found(owner)
            assert switch(owner, tenant).status_code == 200
            member = joined(owner, tenant, "admin")
            invite(member, tenant, "someone@example.com")
            assert member.call("POST", "/sessions", {"name": "x"}).status_code == 201
            assert len(list(member.sessions())) == 1
            assert member.call("GET", f"/tenants/{tenant}/audit").status_code == 200
            refresh(member)
            assert log_in(http, owner).call("POST", "/auth/logout").status_code == 200
            assert owner.call("GET", "/auth/me").status_code == 200


def test_both_stacks_answer(laptop: Laptop) -> None:
    """On a machine with IPv6 the gateway answers on `[::1]`, too, also with tokens."""
    for host in laptop.settings.gateway_hosts:
        url = f"http://{host}:{laptop.settings.port}"
        with httpx.Client(base_url=url, timeout=60, trust_env=False) as http:
            person = new_person(http)
            assert person.call("GET", "/sessions").status_code == 200


def test_a_healthy_start_is_quiet(tmp_path: Path) -> None:
    """The logs of a start have no warning and no failure, and a few lines in all."""
    with start(tmp_path / "data") as laptop:
        laptop.wait_until_ready()
        logs = {path.stem: path.read_text() for path in (tmp_path / "data" / "log").iterdir()}
    assert logs.pop("gateway") == ""
    for name, text in logs.items():
        first, *lines = text.splitlines()
        assert first == f"{name}: starting"
        said = [(line["level"], line["event"]) for line in map(json.loads, lines)]
        assert said == [("info", "listening"), ("info", "serving")], text

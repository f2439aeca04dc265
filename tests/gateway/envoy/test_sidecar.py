"""A sidecar's configuration; tests/mesh tests its behaviour."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gateway.contract import ContractError, load
from gateway.envoy import mesh, sidecar
from gateway.settings import Settings, SidecarSettings
from kernel.settings import SettingsInvalid
from tests.gateway.environment import CONTRACT
from tests.support.authority import Authority, mount

DOMAIN = {"MESH_TRUST_DOMAIN": "coditect.local"}
ENOUGH = DOMAIN | {
    "AUTH_ADDRESS": "auth:8443",
    "TENANTS_ADDRESS": "tenants:8443",
    "SESSIONS_ADDRESS": "sessions:8443",
}


def built(name: str, **environ: str) -> dict[str, Any]:
    """The configuration of a sidecar."""
    return sidecar.bootstrap(load(CONTRACT), name, SidecarSettings.read(ENOUGH | environ))


def by_name(found: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The named parts by name."""
    return {one["name"]: one for one in found}


@pytest.mark.parametrize(
    ("name", "peers"),
    [("auth", {"tenants", "sessions"}), ("tenants", {"auth", "sessions"}), ("sessions", {"auth"})],
)
def test_a_service_reaches_only_its_peers(name: str, peers: set[str]) -> None:
    """A service can reach the peers that the contract allows, through listeners on loopback only."""
    listeners = by_name(built(name)["static_resources"]["listeners"])
    assert set(listeners) == {"mesh", "probes"} | {f"to_{peer}" for peer in peers}
    for peer in peers:
        assert listeners[f"to_{peer}"]["address"]["socket_address"]["address"] == "127.0.0.1"


def test_only_unsent_calls_are_retried() -> None:
    """A call that may have taken effect is not retried: that is left to the caller."""
    listeners = by_name(built("auth")["static_resources"]["listeners"])
    for name in ("to_tenants", "mesh"):
        [chain] = listeners[name]["filter_chains"]
        [host] = chain["filters"][0]["typed_config"]["route_config"]["virtual_hosts"]
        for route in host["routes"]:
            retried = route["route"].get("retry_policy", {}).get("retry_on", "")
            assert set(retried.split(",")) <= {
                "", "connect-failure", "refused-stream", "reset-before-request",
            }  # fmt: skip


def test_callers_close_idle_connections_first() -> None:
    """The side that opens a connection closes it first when it is idle, so that no call meets its end."""
    found = built("auth")["static_resources"]
    callers = [cluster for cluster in found["clusters"] if "health_checks" in cluster]
    assert callers
    for cluster in callers:
        [options] = cluster["typed_extension_protocol_options"].values()
        caller = _seconds(options["common_http_protocol_options"]["idle_timeout"])
        for one in ("mesh", "to_tenants"):
            [chain] = by_name(found["listeners"])[one]["filter_chains"]
            config = chain["filters"][0]["typed_config"]["common_http_protocol_options"]
            assert caller < _seconds(config["idle_timeout"])


def test_only_the_gateway_asks_auth_about_tokens() -> None:
    """Envoy's own protocol is served to the workloads that forward calls, and to no other one."""
    listeners = by_name(built("auth", MESH_FRONTS="gateway")["static_resources"]["listeners"])
    [chain] = listeners["mesh"]["filter_chains"]
    rbac = chain["filters"][0]["typed_config"]["http_filters"][0]["typed_config"]["rules"]
    allowed = {
        caller
        for caller, policy in rbac["policies"].items()
        for permission in policy["permissions"]
        if permission["url_path"]["path"]["exact"] == "/envoy.service.auth.v3.Authorization/Check"
    }
    assert allowed == {"gateway"}


def _seconds(text: str) -> float:
    return float(text.removesuffix("s"))


def test_an_unknown_service_or_peer() -> None:
    """Rendering fails for an unknown service, and for a peer without an address."""
    with pytest.raises(ContractError, match="billing"):
        built("billing")
    with pytest.raises(ContractError, match="tenants"):
        sidecar.bootstrap(load(CONTRACT), "auth", SidecarSettings.read(DOMAIN))


@pytest.mark.parametrize(
    "environ", [DOMAIN, {"MESH_CERTIFICATES": "/certificates"}], ids=["domain", "certificates"]
)
def test_half_a_mesh_is_refused(environ: dict[str, str]) -> None:
    """An edge with half of the mesh settings would send passwords unencrypted, so it is refused."""
    with pytest.raises(SettingsInvalid, match="MESH_TRUST_DOMAIN: goes with MESH_CERTIFICATES"):
        Settings.read(ENOUGH | {"MESH_TRUST_DOMAIN": ""} | environ)
    with pytest.raises(SettingsInvalid, match="MESH_TRUST_DOMAIN"):
        SidecarSettings.read({})


def test_folders_may_be_relative() -> None:
    """Relative folders work, although Envoy runs in its run folder."""
    settings = SidecarSettings.read(
        ENOUGH | {"RUN_FOLDER": "run", "MESH_CERTIFICATES": "certificates"}
    )
    assert settings.run_folder == Path.cwd() / "run"
    assert settings.mesh_certificates == Path.cwd() / "certificates"


def test_it_does_not_start_without_good_certificates(tmp_path: Path) -> None:
    """Envoy would start, refuse all connections, look healthy, and never notice later files."""
    folder, authority = tmp_path / "certificates", Authority()
    environ = ENOUGH | {"MESH_CERTIFICATES": str(folder), "RUN_FOLDER": str(tmp_path / "run")}
    wrong = authority.issue("auth")
    mount(folder, authority.issue("auth"))
    mesh.check_files(SidecarSettings.read(environ))
    for name, content in (("tls.key", wrong.key), ("ca.crt", b""), ("tls.crt", b"")):
        (folder / name).unlink()
        (folder / name).write_bytes(content)
        ended = subprocess.run(
            [sys.executable, "-m", "gateway", "run", "sidecar", "auth"],
            env=environ, cwd=CONTRACT.parents[1], capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert ended.returncode == 1, name
        assert ended.stderr.startswith("gateway: starting\ngateway: tls.crt, tls.key and ca.crt")

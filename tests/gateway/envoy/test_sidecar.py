"""What a sidecar's configuration says; tests/mesh tries what it does."""

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
    """What has a name, by it."""
    return {one["name"]: one for one in found}


@pytest.mark.parametrize(
    ("name", "peers"),
    [("auth", {"tenants", "sessions"}), ("tenants", {"auth", "sessions"}), ("sessions", {"auth"})],
)
def test_a_service_is_led_to_its_peers_only(name: str, peers: set[str]) -> None:
    """There is a way out to those that the contract lets it call, and only from beside it."""
    listeners = by_name(built(name)["static_resources"]["listeners"])
    assert set(listeners) == {"mesh", "probes"} | {f"to_{peer}" for peer in peers}
    for peer in peers:
        assert listeners[f"to_{peer}"]["address"]["socket_address"]["address"] == "127.0.0.1"


def test_only_what_was_not_sent_is_sent_again() -> None:
    """A call that may have happened is the caller's to repeat."""
    listeners = by_name(built("auth")["static_resources"]["listeners"])
    for name in ("to_tenants", "mesh"):
        [chain] = listeners[name]["filter_chains"]
        [host] = chain["filters"][0]["typed_config"]["route_config"]["virtual_hosts"]
        for route in host["routes"]:
            retried = route["route"].get("retry_policy", {}).get("retry_on", "")
            assert set(retried.split(",")) <= {
                "", "connect-failure", "refused-stream", "reset-before-request",
            }  # fmt: skip


def test_an_unknown_service_or_peer() -> None:
    """Nothing is rendered for a service that is none, or that calls one without an address."""
    with pytest.raises(ContractError, match="billing"):
        built("billing")
    with pytest.raises(ContractError, match="tenants"):
        sidecar.bootstrap(load(CONTRACT), "auth", SidecarSettings.read(DOMAIN))


@pytest.mark.parametrize(
    "environ", [DOMAIN, {"MESH_CERTIFICATES": "/certificates"}], ids=["domain", "certificates"]
)
def test_half_a_mesh_is_refused(environ: dict[str, str]) -> None:
    """An edge that only seems to be in a mesh would send passwords in the clear."""
    with pytest.raises(SettingsInvalid, match="MESH_TRUST_DOMAIN: goes with MESH_CERTIFICATES"):
        Settings.read(ENOUGH | {"MESH_TRUST_DOMAIN": ""} | environ)
    with pytest.raises(SettingsInvalid, match="MESH_TRUST_DOMAIN"):
        SidecarSettings.read({})


def test_folders_may_be_named_from_where_one_stands() -> None:
    """Envoy runs in its run folder, and finds what was meant all the same."""
    told = SidecarSettings.read(ENOUGH | {"RUN_FOLDER": "run", "MESH_CERTIFICATES": "certificates"})
    assert told.run_folder == Path.cwd() / "run"
    assert told.mesh_certificates == Path.cwd() / "certificates"


def test_it_does_not_start_without_good_certificates(tmp_path: Path) -> None:
    """Envoy would start, let nobody in, look well, and never notice what comes later."""
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

"""The programs in the images."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kernel.version import VERSION
from tests.images.chroot import Chroot
from tools.images import Built


@pytest.fixture
def inside_services(services: Built, tmp_path: Path) -> Iterator[Chroot]:
    """A chroot in the services' image."""
    with Chroot(services.reference, tmp_path) as entered:
        yield entered


@pytest.fixture
def inside_gateway(gateway: Built, tmp_path: Path) -> Iterator[Chroot]:
    """A chroot in the gateway's image."""
    with Chroot(gateway.reference, tmp_path) as entered:
        yield entered


def test_services(inside_services: Chroot) -> None:
    """The services pass their self-test under a pod's restrictions."""
    began = time.monotonic()
    said = inside_services.run("python", "-m", "ops.selftest")
    print(f"self-test of the services: {time.monotonic() - began:.1f} s")  # noqa: T201
    assert f"selftest: this is coditect {VERSION}, and it works" in said


@pytest.mark.parametrize("name", ["auth", "tenants", "sessions"])
def test_version(inside_services: Chroot, name: str) -> None:
    """Each service prints its release."""
    said = inside_services.run("python", "-m", f"services.{name}", "--version")
    assert said.splitlines()[-1] == f"{name} {VERSION}"


def test_gateway(inside_gateway: Chroot) -> None:
    """The gateway and the sidecars pass their self-test under a pod's restrictions."""
    said = inside_gateway.run("python", "-m", "gateway.selftest")
    assert f"selftest: this is coditect's gateway {VERSION}, and it works" in said


def test_nothing_of_the_other_image(inside_gateway: Chroot, inside_services: Chroot) -> None:
    """The gateway's image has no service, and the services' image has no Envoy; no image has the wheel's."""
    assert not (inside_gateway.root / "app/services").exists()
    assert not (inside_services.root / "app/gateway").exists()
    assert not (inside_services.root / "usr/local/bin/envoy").exists()
    for image in (inside_gateway, inside_services):
        assert "No module named 'envoy'" in image.run("python", "-c", "import envoy", code=1)
    assert "No module named 'grpc'" in inside_gateway.run("python", "-c", "import grpc", code=1)

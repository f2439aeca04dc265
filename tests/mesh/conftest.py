"""The product with its sidecars, as in a cluster."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.end_to_end.conftest import client, start
from tests.mesh.cluster import Cluster
from tests.support.mesh import Mesh


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A running mesh that tests share; they must not break it."""
    yield from _running(tmp_path_factory.mktemp("mesh"))


@pytest.fixture
def own_cluster(tmp_path: Path) -> Iterator[Cluster]:
    """A running mesh for one test, which may break it."""
    yield from _running(tmp_path)


@pytest.fixture
def brief_cluster(tmp_path: Path) -> Iterator[Cluster]:
    """A running mesh for one test, whose connections take calls for five seconds."""
    yield from _running(tmp_path, MESH_CONNECTION_SECONDS="5")


@pytest.fixture
def http(cluster: Cluster) -> Iterator[httpx.Client]:
    """A browser-like client of the shared mesh."""
    with client(cluster.laptop) as opened:
        yield opened


def _running(folder: Path, **more: str) -> Iterator[Cluster]:
    mesh = Mesh(folder / "certificates")
    with start(folder / "data", programs=mesh.programs, **more) as laptop:
        laptop.wait_until_ready()
        yield Cluster(mesh, laptop, folder)

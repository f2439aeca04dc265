"""The images, each built once for all tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.images import base_images, npm_registry, package_index, storage
from tests.images.chroot import Chroot
from tools.images import Built, Origin, build

ORIGIN = Origin("0123456789abcdef0123456789abcdef01234567", "https://example.com/coditect")


@pytest.fixture(scope="session")
def options(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, ...]]:
    """The options of a build on this machine."""
    storage.use()
    base_images.provide()
    folder = tmp_path_factory.mktemp("index")
    yield (*package_index.options(folder), *npm_registry.options(folder))
    storage.tidy()


@pytest.fixture(scope="session")
def services(options: tuple[str, ...]) -> Built:
    """The image of the services."""
    return built("services", options)


@pytest.fixture(scope="session")
def gateway(options: tuple[str, ...]) -> Built:
    """The image of the gateway."""
    return built("gateway", options)


@pytest.fixture(scope="session")
def frontend(options: tuple[str, ...]) -> Built:
    """The image of the frontend."""
    return built("frontend", options)


@pytest.fixture(params=["services", "gateway", "frontend"])
def image(request: pytest.FixtureRequest) -> Built:
    """Each of the images."""
    made: Built = request.getfixturevalue(request.param)
    return made


@pytest.fixture
def chroot(image: Built, tmp_path: Path) -> Iterator[Chroot]:
    """A chroot in each of the images."""
    with Chroot(image.reference, tmp_path) as entered:
        yield entered


@pytest.fixture(params=["services", "gateway"])
def programs(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Chroot]:
    """A chroot in each of the images with programs in Python."""
    made: Built = request.getfixturevalue(request.param)
    with Chroot(made.reference, tmp_path) as entered:
        yield entered


def built(name: str, options: tuple[str, ...]) -> Built:
    """Builds an image as `python -m tools.images` does."""
    made = build(name, f"coditect-{name}:{ORIGIN.tag}", ORIGIN, "buildah", *options)
    print(made)  # noqa: T201 - shows the sizes
    return made

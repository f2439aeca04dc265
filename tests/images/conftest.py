"""Both images, each built once for all tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.images import base_images, package_index, storage
from tests.images.chroot import Chroot
from tools.images import Built, Origin, build

ORIGIN = Origin("0123456789abcdef0123456789abcdef01234567", "https://example.com/coditect")


@pytest.fixture(scope="session")
def options(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, ...]]:
    """The options of a build on this machine."""
    storage.use()
    base_images.provide()
    yield package_index.options(tmp_path_factory.mktemp("index"))
    storage.tidy()


@pytest.fixture(scope="session")
def services(options: tuple[str, ...]) -> Built:
    """The image of the services."""
    return built("services", options)


@pytest.fixture(scope="session")
def gateway(options: tuple[str, ...]) -> Built:
    """The image of the gateway."""
    return built("gateway", options)


@pytest.fixture(params=["services", "gateway"])
def image(request: pytest.FixtureRequest) -> Built:
    """Each of the two images."""
    made: Built = request.getfixturevalue(request.param)
    return made


@pytest.fixture
def chroot(image: Built, tmp_path: Path) -> Iterator[Chroot]:
    """A chroot in each of the two images."""
    with Chroot(image.reference, tmp_path) as entered:
        yield entered


def built(name: str, options: tuple[str, ...]) -> Built:
    """Builds an image as `python -m tools.images` does."""
    made = build(name, f"coditect-{name}:{ORIGIN.tag}", ORIGIN, "buildah", *options)
    print(made)  # noqa: T201 - shows the sizes
    return made

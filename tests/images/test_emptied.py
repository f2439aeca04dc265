"""A build of something that is not the real program fails, and says so.

An image once held an empty program that ended at once, without a word and with exit code 0; it took
six hours to find out.
"""

import shutil
from pathlib import Path

import pytest

from tests.images.conftest import ORIGIN
from tests.images.standins import PATH, commit
from tools.images import ROOT, BuildFailed, build

CONTEXT = (
    *("Dockerfile", ".dockerignore", "coditect", "gateway", "kernel", "protos", "requirements"),
    *("ops", "services", "tools"),
)


@pytest.fixture
def context(tmp_path: Path) -> Path:
    """A copy of what images are built from."""
    folder = tmp_path / "context"
    folder.mkdir()
    for name in CONTEXT:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name)
        else:
            shutil.copy(ROOT / name, folder)
    return folder


@pytest.mark.parametrize(
    ("image", "hollow", "words"),
    [
        ("services", "services/auth/__main__.py", "services.auth is not the real program"),
        ("services", "services/auth/app.py", "cannot import name 'build'"),
        ("services", "ops/doctor/__main__.py", "ops.doctor ended without its verdict"),
        ("services", "kernel/storage/__main__.py", "There is no store at"),
        ("gateway", "gateway/__main__.py", "gateway is not the real program"),
        ("gateway", "gateway/launch.py", "module 'gateway.launch' has no attribute"),
    ],
)
def test_hollow_program(
    context: Path, options: tuple[str, ...], capfd: pytest.CaptureFixture[str],
    image: str, hollow: str, words: str,
) -> None:  # fmt: skip
    """A program of which one file does nothing is found out by running it; the build says which."""
    assert (context / hollow).is_file()
    (context / hollow).write_text('"""Does nothing."""\n')
    with pytest.raises(BuildFailed):
        build_from(context, image, options)
    assert words in "".join(capfd.readouterr()).partition("selftest: FAILED: ")[2]


@pytest.mark.parametrize(
    ("image", "emptied"),
    [
        ("services", "kernel/storage/recipes/work_queue.py"),
        ("gateway", "gateway/envoy/envelope.lua"),
    ],
)
def test_emptied_file(
    context: Path, options: tuple[str, ...], capfd: pytest.CaptureFixture[str],
    image: str, emptied: str,
) -> None:  # fmt: skip
    """A file without a byte is named, even where a self-test would not come past it."""
    assert (context / emptied).is_file()
    (context / emptied).write_text("")
    with pytest.raises(BuildFailed):
        build_from(context, image, options)
    assert f"\n/app/{emptied}\n" in capfd.readouterr().out


@pytest.mark.parametrize(
    ("megabytes", "words"), [(0, "/usr/lib/libfdb_c.so: 0 kB, expected"), (20, "cannot be used")]
)
def test_library_that_is_none(
    options: tuple[str, ...], capfd: pytest.CaptureFixture[str], tmp_path: Path,
    megabytes: int, words: str,
) -> None:  # fmt: skip
    """Something else in the place of FoundationDB's client library is noticed too, by size or use."""
    (tmp_path / "libfdb_c.so").write_bytes(bytes(megabytes * 1_000_000))
    commit("no-library:test", tmp_path / "libfdb_c.so", "/usr/lib/libfdb_c.so", PATH)
    with pytest.raises(BuildFailed):
        build_from(ROOT, "services", (*options, "--build-arg=FDB_IMAGE=no-library:test"))
    assert words in "".join(capfd.readouterr())


def build_from(context: Path, image: str, options: tuple[str, ...]) -> None:
    """Builds an image that nobody wants; what is the same for all of them is built once."""
    build(image, f"hollow-{image}:test", ORIGIN, "buildah", *options, "--layers", context=context)

"""The build of an image with a broken program fails, and names the reason.

An image once had an empty program, which ended at once with exit code 0 and without output. It took
six hours to find.
"""

import shutil
from pathlib import Path

import pytest

from tests.images.base_images import PATH, commit
from tests.images.conftest import ORIGIN
from tools.images import ROOT, BuildFailed, build

CONTEXT = (
    *("Dockerfile", ".dockerignore", "coditect", "gateway", "kernel", "protos", "requirements"),
    *("ops", "services", "tools", "clients/typescript", "console", "docs/openapi.yaml"),
)


@pytest.fixture
def context(tmp_path: Path) -> Path:
    """A copy of the build context."""
    folder = tmp_path / "context"
    for name in CONTEXT:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            unneeded = shutil.ignore_patterns("node_modules", "dist")
            shutil.copytree(ROOT / name, folder / name, ignore=unneeded)
        else:
            shutil.copy(ROOT / name, folder / name)
    return folder


@pytest.mark.parametrize(
    ("image", "gutted", "words"),
    [
        ("services", "services/auth/__main__.py", "services.auth is not the real program"),
        ("services", "services/auth/app.py", "cannot import name 'build'"),
        ("services", "ops/doctor/__main__.py", "ops.doctor ended without its verdict"),
        ("services", "kernel/storage/__main__.py", "There is no store at"),
        ("gateway", "gateway/__main__.py", "gateway is not the real program"),
        ("gateway", "gateway/launch.py", "module 'gateway.launch' has no attribute"),
    ],
)
def test_gutted_program(
    context: Path, options: tuple[str, ...], capfd: pytest.CaptureFixture[str],
    image: str, gutted: str, words: str,
) -> None:  # fmt: skip
    """If one file of a program does nothing, the self-test fails the build and names the program."""
    assert (context / gutted).is_file()
    (context / gutted).write_text('"""Does nothing."""\n')
    with pytest.raises(BuildFailed):
        build_from(context, image, options)
    assert words in "".join(capfd.readouterr()).partition("selftest: FAILED: ")[2]


@pytest.mark.parametrize(
    ("file", "taken", "given", "words"),
    [
        ("console/Dockerfile", " --console dist", "", "/srv/site/assets: 0 kB, expected"),
        ("console/src/main.tsx", None, "export {};\n", "/srv/site/assets: 0 kB, expected"),
        ("console/nginx.conf", "listen 8080;", "listen 127.0.0.1:9;", "nginx does not answer"),
        ("console/nginx.conf", "@page;", "=404;", "GET /sessions has no assets/"),
    ],
    ids=["no-console", "empty-console", "silent-server", "no-pages"],
)
def test_broken_frontend(
    context: Path, options: tuple[str, ...], capfd: pytest.CaptureFixture[str],
    file: str, taken: str | None, given: str, words: str,
) -> None:  # fmt: skip
    """Without the console, or with a server that does not serve it, there is no image."""
    whole = (context / file).read_text()
    assert taken is None or taken in whole
    (context / file).write_text(given if taken is None else whole.replace(taken, given))
    with pytest.raises(BuildFailed):
        build_from(context, "frontend", options)
    assert words in "".join(capfd.readouterr())


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
    """An empty file is named, even if the self-test does not reach it."""
    assert (context / emptied).is_file()
    (context / emptied).write_text("")
    with pytest.raises(BuildFailed):
        build_from(context, image, options)
    assert f"\n/app/{emptied}\n" in capfd.readouterr().out


@pytest.mark.parametrize(
    ("megabytes", "words"), [(0, "/usr/lib/libfdb_c.so: 0 kB, expected"), (20, "cannot be used")]
)
def test_broken_library(
    options: tuple[str, ...], capfd: pytest.CaptureFixture[str], tmp_path: Path,
    megabytes: int, words: str,
) -> None:  # fmt: skip
    """A file that is not FoundationDB's client library is rejected, by its size or its use."""
    (tmp_path / "libfdb_c.so").write_bytes(bytes(megabytes * 1_000_000))
    commit("no-library:test", tmp_path / "libfdb_c.so", "/usr/lib/libfdb_c.so", PATH)
    with pytest.raises(BuildFailed):
        build_from(ROOT, "services", (*options, "--build-arg=FDB_IMAGE=no-library:test"))
    assert words in "".join(capfd.readouterr())


@pytest.mark.parametrize(
    ("megabytes", "words"),
    [
        (0, "/usr/local/bin/envoy: 0 kB, expected"),
        (100, "is not Envoy 1.40.0: its --version printed"),
    ],
)
def test_broken_envoy(
    options: tuple[str, ...], capfd: pytest.CaptureFixture[str], tmp_path: Path,
    megabytes: int, words: str,
) -> None:  # fmt: skip
    """An Envoy of another release, or a file that is none, is rejected by its size or its version."""
    other = b"#!/bin/sh\necho envoy version: 9e55/1.39.0/Clean/RELEASE/BoringSSL\nexit\n"
    envoy = tmp_path / "envoy"
    envoy.write_bytes((other + bytes(megabytes * 1_000_000)) if megabytes else b"")
    envoy.chmod(0o755)
    commit("no-envoy:test", envoy, "/usr/local/bin/envoy", PATH)
    with pytest.raises(BuildFailed):
        build_from(ROOT, "gateway", (*options, "--build-arg=ENVOY_IMAGE=no-envoy:test"))
    assert words in "".join(capfd.readouterr())


def build_from(context: Path, image: str, options: tuple[str, ...]) -> None:
    """Builds a throw-away image; layers that all of them share are built once."""
    build(image, f"broken-{image}:test", ORIGIN, "buildah", *options, "--layers", context=context)

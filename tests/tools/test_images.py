"""How the tool handles a builder's results; `make test-images` runs a real one."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kernel.version import VERSION
from tools.images import USER, Origin

ROOT = Path(__file__).parents[2]
REVISION = "0123456789abcdef0123456789abcdef01234567"
GOOD: dict[str, Any] = {
    "Size": 250_000_000,
    "Config": {"User": USER, "Labels": {"org.opencontainers.image.revision": REVISION}},
}


class Builder:
    """A program in place of docker: records its arguments, and responds as the test decides."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        program = folder / "docker"
        program.write_text(
            f"#!/bin/sh\n"
            f'printf "%s\\n" "$@" >> {folder}/received\n'
            f'[ "$1" = image ] && exec cat {folder}/found\n'
            f"exit $(cat {folder}/code)\n"
        )
        program.chmod(0o755)
        self.will()

    def will(self, code: int = 0, **found: Any) -> None:
        """Sets the exit code of the build, and the properties of the image."""
        (self.folder / "code").write_text(str(code))
        (self.folder / "found").write_text(json.dumps([{**GOOD, **found}]))

    @property
    def received(self) -> list[str]:
        """All arguments so far."""
        return (self.folder / "received").read_text().splitlines()

    def images(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs `python -m tools.images` with this builder."""
        own = ["--builder", "docker", "--revision", REVISION]
        return subprocess.run(
            [sys.executable, "-m", "tools.images", *own, *arguments],
            cwd=ROOT,
            env={"PATH": f"{self.folder}{os.pathsep}{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


@pytest.fixture
def builder(tmp_path: Path) -> Builder:
    """A builder that makes a valid image."""
    return Builder(tmp_path)


def test_a_good_build(builder: Builder) -> None:
    """Name, size and time are printed; labels and further options are passed to the builder."""
    secret = "--secret=id=pip.conf,src=x"
    ended = builder.images("services", "--repository", "example/", "--", secret)
    assert ended.returncode == 0, ended.stderr
    name = f"example/coditect-services:{VERSION}-{REVISION[:12]}"
    assert ended.stdout.startswith(f"{name}: 250 MB, built in ")
    assert {secret, f"--build-arg=REVISION={REVISION}", "--tag", name} <= set(builder.received)


def test_all_are_built_unless_one_is_named(builder: Builder) -> None:
    """Each is built from its own Dockerfile, in the same context."""
    ended = builder.images()
    assert len(ended.stdout.splitlines()) == 3, ended.stderr
    files = [
        builder.received[at + 1] for at, word in enumerate(builder.received) if word == "--file"
    ]
    assert files == ["Dockerfile", "gateway/Dockerfile", "console/Dockerfile"]
    assert builder.received.count(".") == 3


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ({"code": 3}, "was not built: docker ended with 3"),
        ({"Size": 12_000_000}, "12 MB, built in"),
        ({"Size": 2_000_000_000}, "2000 MB, built in"),
        ({"Config": {**GOOD["Config"], "User": ""}}, "runs as root"),
        ({"Config": {**GOOD["Config"], "Labels": {}}}, "does not say which revision it is"),
    ],
)
def test_a_bad_build(builder: Builder, found: dict[str, Any], words: str) -> None:
    """A failed build, or an invalid image, is rejected with one line."""
    builder.will(**found)
    ended = builder.images("services")
    assert (ended.returncode, ended.stdout) == (1, "")
    (line,) = ended.stderr.splitlines()
    assert line.startswith("tools.images: coditect-services:")
    assert words in line


@pytest.mark.parametrize("arguments", [["sessions"], ["--builder", "scissors"]])
def test_unknown_images_and_builders_are_rejected(builder: Builder, arguments: list[str]) -> None:
    """An unknown image or builder is rejected with the list of known ones."""
    ended = builder.images(*arguments)
    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr


def test_tags_tell_builds_apart() -> None:
    """A tag names the release and the commit, and marks uncommitted changes."""
    assert Origin(REVISION).tag == f"{VERSION}-{REVISION[:12]}"
    assert Origin(f"{REVISION}-dirty").tag == f"{VERSION}-{REVISION[:12]}-dirty"

"""What is in the images, and what is not."""

from pathlib import Path

from kernel.version import VERSION
from tests.images.conftest import ORIGIN
from tests.images.room import Room
from tools.images import IMAGES, Built

COMPILERS = {"gcc", "cc", "g++", "c++", "clang", "make", "ld", "cpp"}
LEFT_OUT = {".git", ".venv", "tests", "bench", "docs", "protos", "requirements", "Makefile"}


def test_size(image: Built) -> None:
    """An image has the size of the whole program, and of nothing else."""
    bounds = IMAGES[image.reference.split(":")[0].removeprefix("coditect-")]
    assert bounds.least_mb <= image.size_mb <= bounds.most_mb


def test_labels(image: Built) -> None:
    """An image says from which revision of what it was made, and when."""
    prefix = "org.opencontainers.image."
    labels = {
        name.removeprefix(prefix): value
        for name, value in image.config["Labels"].items()
        if name.startswith(prefix)
    }
    assert labels.pop("created").startswith("20")
    assert labels == {
        "title": image.reference.split(":")[0],
        "revision": ORIGIN.revision,
        "version": VERSION,
        "source": ORIGIN.source,
    }


def test_nothing_to_build_with(room: Room) -> None:
    """Neither a compiler nor a package's installer is on the way that programs are looked for."""
    found = room.run("sh", "-c", "IFS=:; ls $PATH").split()
    assert "python" in found
    assert COMPILERS.isdisjoint(found)
    assert "No module named pip" in room.run("python", "-m", "pip", "--version", code=1)


def test_nothing_left_over(room: Room) -> None:
    """No cache of pip, no history, no tests, and no bytecode of what is not in the program."""
    assert list((room.root / "root").glob(".cache/*")) == []
    app = room.root / "app"
    assert LEFT_OUT.isdisjoint(path.name for path in app.iterdir())
    compiled = {path.parent.parent / path.name.split(".")[0] for path in app.rglob("*.pyc")}
    assert compiled == {path.with_suffix("") for path in app.rglob("*.py")}


def test_nothing_can_be_written(image: Built, tmp_path: Path) -> None:
    """Even where its root is not made read-only, a program in it finds no file that it may change."""
    with Room(image.reference, tmp_path, read_only=False) as room:
        folders = ("/app", "/opt", "/usr", "/bin", "/lib")
        found = room.run("find", *folders, "-xdev", "-writable", "-not", "-type", "l")
        assert found == ""


def test_as_whom_it_runs(room: Room) -> None:
    """A program in it is user and group 10001, has no capability, and may not write to the root."""
    lines = room.run("cat", "/proc/self/status").splitlines()
    status = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
    assert (status["Uid"].split()[0], status["Gid"].split()[0]) == ("10001", "10001")
    assert int(status["CapEff"], 16) == int(status["CapBnd"], 16) == 0
    assert "Read-only file system" in room.run("touch", "/app/new", code=1)

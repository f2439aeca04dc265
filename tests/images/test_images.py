"""The content of the images."""

from pathlib import Path

from kernel.version import VERSION
from tests.images.chroot import Chroot
from tests.images.conftest import ORIGIN
from tools.images import IMAGES, Built

COMPILERS = {"gcc", "cc", "g++", "c++", "clang", "make", "ld", "cpp"}
FOLDERS = ("/app", "/bin", "/etc", "/lib", "/opt", "/srv", "/usr")
LEFT_OUT = {".git", ".venv", "tests", "bench", "docs", "protos", "requirements", "Makefile"}


def test_size(image: Built) -> None:
    """An image's size is within its bounds: it has the whole program and nothing else."""
    bounds = IMAGES[image.reference.split(":")[0].removeprefix("coditect-")]
    assert bounds.least_mb <= image.size_mb <= bounds.most_mb


def test_labels(image: Built) -> None:
    """An image's labels name its source, revision, version and time."""
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


def test_no_compiler(chroot: Chroot) -> None:
    """There is no compiler on PATH."""
    found = chroot.run("sh", "-c", "IFS=:; ls $PATH 2>/dev/null || true").split()
    assert {"python", "nginx"} & set(found)
    assert COMPILERS.isdisjoint(found)


def test_no_installer(programs: Chroot) -> None:
    """There is no pip."""
    assert "No module named pip" in programs.run("python", "-m", "pip", "--version", code=1)


def test_nothing_left_over(programs: Chroot) -> None:
    """There is no pip cache, no history, no tests, and no bytecode without its source."""
    assert list((programs.root / "root").glob(".cache/*")) == []
    app = programs.root / "app"
    assert LEFT_OUT.isdisjoint(path.name for path in app.iterdir())
    compiled = {path.parent.parent / path.name.split(".")[0] for path in app.rglob("*.pyc")}
    assert compiled == {path.with_suffix("") for path in app.rglob("*.py")}


def test_nothing_can_be_written(image: Built, tmp_path: Path) -> None:
    """Even with a writable root, a program finds no file of the image that it may change."""
    with Chroot(image.reference, tmp_path, read_only=False) as chroot:
        folders = [one for one in FOLDERS if (chroot.root / one.strip("/")).exists()]
        # The names in a folder that it may not read, it cannot find.
        unreadable = ("-type", "d", "-not", "-readable", "-prune")
        writable = ("-writable", "-not", "-type", "l", "-print")
        found = chroot.run("find", *folders, "-xdev", *writable, "-o", *unreadable)
        assert found == ""


def test_user_and_capabilities(chroot: Chroot) -> None:
    """A program runs as user and group 10001, without capabilities, on a read-only root."""
    lines = chroot.run("cat", "/proc/self/status").splitlines()
    status = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
    assert (status["Uid"].split()[0], status["Gid"].split()[0]) == ("10001", "10001")
    assert int(status["CapEff"], 16) == int(status["CapBnd"], 16) == 0
    assert "Read-only file system" in chroot.run("touch", "/srv/new", code=1)

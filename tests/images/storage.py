"""The image storage of these tests: separate from the machine's, and kept between runs.

It is separate because the names of public images may refer to substitutes in it.
"""

import os
import shutil
import subprocess

from tools.images import ROOT

FOLDER = ROOT / "build" / "images"


def use() -> None:
    """Makes buildah use this storage, in this process and its children."""
    if os.geteuid() != 0 or not shutil.which("buildah"):
        raise RuntimeError("the tests of the images need root and buildah")
    FOLDER.mkdir(parents=True, exist_ok=True)
    file = FOLDER / "storage.conf"
    driver = os.environ.get("STORAGE_DRIVER", "overlay")
    file.write_text(
        f'[storage]\ndriver = "{driver}"\ngraphroot = "{FOLDER}/graph"\nrunroot = "{FOLDER}/run"\n'
    )
    os.environ["CONTAINERS_STORAGE_CONF"] = str(file)
    os.environ["BUILDAH_ISOLATION"] = "chroot"  # works in a container too


def buildah(*arguments: str) -> str:
    """Runs buildah, and returns its output."""
    ended = subprocess.run(["buildah", *arguments], capture_output=True, text=True, check=False)
    if ended.returncode:
        raise RuntimeError(f"buildah {' '.join(arguments)}: {ended.stderr.strip()}")
    return ended.stdout.strip()


def tidy() -> None:
    """Removes the containers, and images without a name."""
    buildah("rm", "--all")
    buildah("rmi", "--prune")

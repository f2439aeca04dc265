"""Where these tests keep images: apart from the machine's own, and from one run to the next.

Apart, because in it the names of public images may stand for stand-ins.
"""

import os
import shutil
import subprocess

from tools.images import ROOT

FOLDER = ROOT / "build" / "images"


def use() -> None:
    """Has buildah use this storage in this process and in those that it starts."""
    if os.geteuid() != 0 or not shutil.which("buildah"):
        raise RuntimeError("images are built and entered here by root, with buildah")
    FOLDER.mkdir(parents=True, exist_ok=True)
    file = FOLDER / "storage.conf"
    driver = os.environ.get("STORAGE_DRIVER", "overlay")
    file.write_text(
        f'[storage]\ndriver = "{driver}"\ngraphroot = "{FOLDER}/graph"\nrunroot = "{FOLDER}/run"\n'
    )
    os.environ["CONTAINERS_STORAGE_CONF"] = str(file)
    os.environ["BUILDAH_ISOLATION"] = "chroot"  # works in a container too


def buildah(*arguments: str) -> str:
    """Runs buildah, and gives what it says."""
    ended = subprocess.run(["buildah", *arguments], capture_output=True, text=True, check=False)
    if ended.returncode:
        raise RuntimeError(f"buildah {' '.join(arguments)}: {ended.stderr.strip()}")
    return ended.stdout.strip()


def tidy() -> None:
    """Removes the containers, and images that no name leads to any more."""
    buildah("rm", "--all")
    buildah("rmi", "--prune")

"""An image's root filesystem, in which programs run under the restrictions of our pods.

They are not root and have no capability. The filesystem is read-only except for memory at /tmp and
/run/coditect and one volume. The network is that of this machine.
"""

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from tests.images.storage import buildah

# Each program has its own mounts, which end with it; it keeps the process id of the shell.
_CHROOT_SCRIPT = """
set -e
root=$1 volume=$2 mode=$3; shift 3
mount --bind "$root" "$root"
mount --rbind /dev "$root/dev"
mount --rbind /proc "$root/proc"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount -t tmpfs tmpfs "$root/run"
mkdir --mode=0777 "$root/run/coditect"
mkdir -p "$root$volume"
mount --bind "$volume" "$root$volume"
mount -o remount,bind,"$mode" "$root"
exec chroot "$root" "$@"
"""


class Chroot:
    """A chroot in the filesystem of an image.

    Args:
        reference: The image.
        volume: A folder that its programs may write, at the same path inside and outside.
        read_only: Whether the rest is mounted read-only, as in pods.
    """

    def __init__(self, reference: str, volume: Path, *, read_only: bool = True) -> None:
        self._reference = reference
        self._volume = volume
        self._mode = "ro" if read_only else "rw"

    def __enter__(self) -> Self:
        """Mounts the image."""
        self._container = buildah("from", "--pull-never", self._reference)
        self.root = Path(buildah("mount", self._container))
        found = json.loads(buildah("inspect", "--type", "image", self._reference))
        self._config: Mapping[str, Any] = found["OCIv1"]["config"]
        user, group = self._config["User"].split(":")
        os.chown(self._volume, int(user), int(group))
        # The last option keeps the signal that ends the program when its parent dies.
        self._restrictions = (
            f"--reuid={user}", f"--regid={group}", "--clear-groups", "--no-new-privs",
            "--bounding-set=-all", "--inh-caps=-all", "--pdeathsig=keep",
        )  # fmt: skip
        return self

    def __exit__(self, *_: object) -> None:
        """Removes the container."""
        buildah("rm", self._container)

    def argv(self, *arguments: str) -> tuple[str, ...]:
        """The command line that runs the image's entry point with these arguments, as a pod does."""
        return self.command(*self._config["Entrypoint"], *arguments)

    def command(self, *command: str) -> tuple[str, ...]:
        """The command line that runs any command in the chroot."""
        return (
            *("unshare", "--mount", "sh", "-c", _CHROOT_SCRIPT, "chroot"),
            *(str(self.root), str(self._volume), self._mode),
            *("env", f"--chdir={self._config['WorkingDir']}", *self._config["Env"]),
            *("setpriv", *self._restrictions, *command),
        )

    def run(self, *command: str, code: int = 0) -> str:
        """Runs a command in the chroot, checks its exit code, and returns its output."""
        ended = subprocess.run(
            self.command(*command),
            env={"PATH": os.environ["PATH"]},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )
        assert ended.returncode == code, ended.stdout
        return ended.stdout

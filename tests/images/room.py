"""An image's root filesystem, in which programs run as they do in a pod of ours.

Not as root, with no capability, on a filesystem that cannot be written but for memory at /tmp and
/run/coditect and one volume; on the network of this machine.
"""

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from tests.images.storage import buildah

# Each program has mounts of its own, which end with it; its process id stays that of the shell.
_ENTER = """
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


class Room:
    """The filesystem of an image.

    Args:
        reference: The image.
        volume: The folder that its programs may write, at the same path in there and out here.
        read_only: Whether the rest is out of reach for writers, as pods have it.
    """

    def __init__(self, reference: str, volume: Path, *, read_only: bool = True) -> None:
        self._reference = reference
        self._volume = volume
        self._mode = "ro" if read_only else "rw"

    def __enter__(self) -> Self:
        """Unpacks it."""
        self._container = buildah("from", "--pull-never", self._reference)
        self.root = Path(buildah("mount", self._container))
        found = json.loads(buildah("inspect", "--type", "image", self._reference))
        self._config: Mapping[str, Any] = found["OCIv1"]["config"]
        user, group = self._config["User"].split(":")
        os.chown(self._volume, int(user), int(group))
        # The last one has the kernel kill the program with whoever started it, as outside.
        self._less = (
            f"--reuid={user}", f"--regid={group}", "--clear-groups", "--no-new-privs",
            "--bounding-set=-all", "--inh-caps=-all", "--pdeathsig=keep",
        )  # fmt: skip
        return self

    def __exit__(self, *_: object) -> None:
        """Throws it away."""
        buildah("rm", self._container)

    def argv(self, *arguments: str) -> tuple[str, ...]:
        """The command line that starts the image with these arguments, as `args` of a pod does."""
        return self.command(*self._config["Entrypoint"], *arguments)

    def command(self, *command: str) -> tuple[str, ...]:
        """The command line that runs something else in there."""
        return (
            *("unshare", "--mount", "sh", "-c", _ENTER, "room"),
            *(str(self.root), str(self._volume), self._mode),
            *("env", f"--chdir={self._config['WorkingDir']}", *self._config["Env"]),
            *("setpriv", *self._less, *command),
        )

    def run(self, *command: str, code: int = 0) -> str:
        """Runs something in there that ends with this code; gives all that it says."""
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

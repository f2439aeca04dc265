"""The package index of this machine, told to a build as a user tells it: by options only."""

import re
import subprocess
import sys
from pathlib import Path

_LINE = re.compile(r"[a-z:]*\.+(?P<key>[a-z-]+)='(?P<value>.*)'")
_KEYS = {"index-url", "extra-index-url", "find-links", "trusted-host", "cert", "proxy"}


def options(folder: Path) -> tuple[str, ...]:
    """The options of buildah that let pip in a build find what pip finds here.

    Args:
        folder: Where the `pip.conf` is written that goes into the build as a secret.
    """
    known = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], check=True, capture_output=True, text=True
    ).stdout
    told = [found for line in known.splitlines() if (found := _LINE.fullmatch(line))]
    settings = {found["key"]: found["value"].split() for found in told if found["key"] in _KEYS}
    lines = [f"{key} = " + "\n  ".join(values) for key, values in settings.items()]
    config = folder / "pip.conf"
    config.write_text("\n".join(["[global]", *lines, ""]))
    paths = {path for values in settings.values() for value in values if (path := _local(value))}
    return (
        f"--secret=id=pip.conf,src={config}",
        *(f"--volume={path}:{path}:ro" for path in sorted(paths)),
    )


def _local(value: str) -> Path | None:
    """What a setting names on this machine; of an index the folder with its files beside it."""
    path = Path(value.removeprefix("file://"))
    if not path.is_absolute() or not path.exists():
        return None
    return path.parent if path.name == "simple" else path

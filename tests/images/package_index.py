"""The package index of this machine, passed to a build by options, as users do."""

import re
import subprocess
import sys
from pathlib import Path

_LINE = re.compile(r"[a-z:]*\.+(?P<key>[a-z-]+)='(?P<value>.*)'")
_KEYS = {"index-url", "extra-index-url", "find-links", "trusted-host", "cert", "proxy"}


def options(folder: Path) -> tuple[str, ...]:
    """The options of buildah that let pip in a build use the same package index as pip here.

    Args:
        folder: Where the `pip.conf` is written, which the build gets as a secret.
    """
    known = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], check=True, capture_output=True, text=True
    ).stdout
    lines = [found for line in known.splitlines() if (found := _LINE.fullmatch(line))]
    settings = {found["key"]: found["value"].split() for found in lines if found["key"] in _KEYS}
    entries = [f"{key} = " + "\n  ".join(values) for key, values in settings.items()]
    config = folder / "pip.conf"
    config.write_text("\n".join(["[global]", *entries, ""]))
    paths = {path for values in settings.values() for value in values if (path := _local(value))}
    return (
        f"--secret=id=pip.conf,src={config}",
        *(f"--volume={path}:{path}:ro" for path in sorted(paths)),
    )


def _local(value: str) -> Path | None:
    """The local path in a setting; for an index the parent, which also has its files."""
    path = Path(value.removeprefix("file://"))
    if not path.is_absolute() or not path.exists():
        return None
    return path.parent if path.name == "simple" else path

"""The npm registry of this machine, passed to a build by options, as users do."""

import subprocess
from pathlib import Path

from tools import node

_KEYS = ("registry", "cafile", "proxy", "https-proxy", "noproxy")
_UNSET = {"", "null", "undefined"}


def options(folder: Path) -> tuple[str, ...]:
    """The options of buildah that let npm in a build use the same registry as npm here.

    Args:
        folder: Where the `.npmrc` is written, which the build gets as a secret.
    """
    config = folder / "npmrc"
    known = {key: _value(key) for key in _KEYS} if node.folder() else {}
    given = {key: value for key, value in known.items() if value not in _UNSET}
    config.write_text("".join(f"{key}={value}\n" for key, value in given.items()))
    authorities = given.get("cafile")
    mounted = (f"--volume={authorities}:{authorities}:ro",) if authorities else ()
    return (f"--secret=id=npmrc,src={config}", *mounted)


def _value(key: str) -> str:
    place = node.folder()
    assert place
    return subprocess.run(
        [place / "npm", "config", "get", key],
        env=node.environ(place),
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()

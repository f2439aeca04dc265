"""Opens a page in the person's browser, if there is one on this machine."""

import os
import sys
import webbrowser

from coditect_cli import output, web


def open_page(url: str) -> bool:
    """Opens a page; False if no person would see it, or it is no page of the web."""
    if not web.is_safe(url) or not output.has_terminal() or not _is_graphical():
        return False
    try:
        return webbrowser.open(url)
    except (webbrowser.Error, OSError):
        return False


def _is_graphical() -> bool:
    """Whether a browser gets a window of its own; one in the terminal would hide the code."""
    if sys.platform in {"win32", "darwin"}:
        return not os.environ.get("SSH_CONNECTION")
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))

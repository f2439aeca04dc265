"""The picture of the console in the README: `PICTURE=1` takes it again."""

import os
import struct
from pathlib import Path

import httpx

from tests.console.conftest import NewScreen, open_sessions
from tests.end_to_end.person import new_person

ROOT = Path(__file__).parents[2]
PICTURE = ROOT / "docs" / "console.png"
SIZE = {"width": 1200, "height": 720}
SESSIONS = {
    "notes on the engine": "/workspaces/notes",
    "compiler": "/workspaces/compiler",
    "bernoulli numbers": "/workspaces/bernoulli",
}
_PNG_SIZE = slice(16, 24)


def test_the_readme_shows_the_console(
    new_screen: NewScreen, http: httpx.Client, tmp_path: Path
) -> None:
    """What the picture shows is what the console shows: these sessions, at this size."""
    person = new_person(http, "ada.lovelace@example.com")
    for name, folder in SESSIONS.items():
        person.call("POST", "/sessions", {"name": name, "workspacePath": folder})
    screen = new_screen(viewport=SIZE)
    open_sessions(screen, person)
    for name in SESSIONS:
        screen.see(name)
    taken = PICTURE if os.environ.get("PICTURE") else tmp_path / PICTURE.name
    screen.do(lambda page: page.screenshot(path=taken))
    width, height = struct.unpack(">II", PICTURE.read_bytes()[_PNG_SIZE])
    assert (width, height) == (SIZE["width"], SIZE["height"])
    assert f"](docs/{PICTURE.name})" in (ROOT / "README.md").read_text(encoding="utf-8")

"""What the tests of sessions do beside the page."""

from typing import Any

from tests.console.screen import Screen
from tests.end_to_end.person import Person

NARROW = {"width": 360, "height": 740}


def open_session(person: Person, name: str, **more: Any) -> str:
    """Opens a session by the API, and returns its id."""
    answer = person.call("POST", "/sessions", {"name": name, **more})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["data"]["sessionId"])


def change(person: Person, session_id: str, **fields: Any) -> None:
    """Changes a session by the API, as an editor or another tab does."""
    answer = person.call("PATCH", f"/sessions/{session_id}", fields)
    assert answer.status_code == 200, answer.text


def come_back(screen: Screen) -> None:
    """Does what a browser does when its user comes back to the tab."""
    screen.do(lambda page: page.evaluate("document.dispatchEvent(new Event('visibilitychange'))"))

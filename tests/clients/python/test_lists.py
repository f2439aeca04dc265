"""Lists in pages, and downloads."""

import json
from typing import Any

import pytest
from coditect_client import NetworkError, Page
from coditect_client.errors import DownloadLimitReached

from tests.clients.python.flavors import Flavor
from tests.clients.python.scripted_server import Answer, ScriptedServer, data, error

SESSIONS = "/api/v5/sessions"
EXPORT = "/api/v5/auth/me/export"


def page(number: int, following: str) -> Answer:
    """A page with one session."""
    return data({"sessions": [{"name": str(number)}], "nextPageToken": following})


def export(client: Any) -> Any:
    """A download."""
    return client.accounts.export_me()


def test_a_list_goes_on_to_its_last_page(api: Flavor, server: ScriptedServer) -> None:
    """The filter goes with every page."""
    server.script(SESSIONS, page(1, "two"), page(2, "three"), page(3, ""))
    found = api(lambda client: client.sessions.list_sessions(scope="mine"))
    assert [one["name"] for one in found] == ["1", "2", "3"]
    assert [asked.query for asked in server.asked] == [
        {"scope": "mine"},
        {"scope": "mine", "pageToken": "two"},
        {"scope": "mine", "pageToken": "three"},
    ]


def test_a_list_asks_when_it_is_read(api: Flavor, server: ScriptedServer) -> None:
    """Only for what the program reads, and anew each time."""
    listed = api.client.sessions.list_sessions()
    assert server.asked == []
    server.script(SESSIONS, page(1, ""))
    assert api(lambda _: listed) == api(lambda _: listed) == [{"name": "1"}]
    assert len(server.asked) == 2


def test_a_list_goes_on_from_a_page(api: Flavor, server: ScriptedServer) -> None:
    """A page has the token of the next one."""
    server.script(SESSIONS, page(2, "three"), page(3, ""))
    pages = api(lambda client: client.sessions.list_sessions(page_token="two").pages())
    assert pages == [Page([{"name": "2"}], "three"), Page([{"name": "3"}], "")]
    assert server.asked[0].query == {"pageToken": "two"}


def test_a_download_gives_its_objects(api: Flavor, server: ScriptedServer) -> None:
    """Only a newline ends a line: not the other characters that end lines of texts."""
    rows = [{"kind": "user", "name": "a\u2028b\x85c"}, {"kind": "session", "text": "x" * 200_000}]
    body = "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows).encode()
    server.script(EXPORT, Answer(200, body))
    assert api(export) == rows
    server.script(EXPORT, Answer(200, body.removesuffix(b"\n")))
    assert api(export) == rows


def test_a_download_that_breaks_off(api: Flavor, server: ScriptedServer) -> None:
    """The program does not take a part for the whole."""
    server.script(EXPORT, Answer(200, b'{"kind":"user"}\n', breaks=True))
    with pytest.raises(NetworkError):
        api(export)


def test_a_download_that_is_refused(api: Flavor, server: ScriptedServer) -> None:
    """The error is the same as that of any call."""
    server.script(EXPORT, error(429, "DOWNLOAD_LIMIT_REACHED", retry_after="60"))
    with pytest.raises(DownloadLimitReached):
        api(export)

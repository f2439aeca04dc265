"""Where the desk connects to."""

import pytest

from ops.desk.api import open_api
from ops.desk.failures import DeskFailed


@pytest.mark.parametrize("url", ["http://example.com", "ftp://example.com", "https://", "x"])
def test_no_token_without_tls(url: str) -> None:
    """Except to this machine."""
    with pytest.raises(DeskFailed), open_api(url):
        pass


def test_no_proxy_without_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy would read password and token of a call to this machine."""
    monkeypatch.setenv("HTTP_PROXY", "socks9://nowhere")  # of no kind, so reading it raises
    with open_api("http://127.0.0.1:1") as api, pytest.raises(DeskFailed, match="does not answer"):
        api.call("GET", "/operator/users")

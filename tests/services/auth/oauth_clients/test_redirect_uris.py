"""Where browsers may be sent back to."""

import pytest

from services.auth.oauth_clients.model import AuthMethod
from services.auth.oauth_clients.redirect_uris import MOST_CHARACTERS, is_allowed, match
from tests.services.auth.oauth_clients.harness import client

URI = "https://robot.example.com/callback"


@pytest.mark.parametrize(
    "other",
    [
        "https://robot.example.com/callback/",
        "https://robot.example.com/callback?x=1",
        "https://robot.example.com/Callback",
        "https://robot.example.com/callback/../evil",
        "https://robot.example.com:443/callback",
        "https://robot.example.com.evil.example/callback",
        "https://robot.example.com@evil.example/callback",
        "http://robot.example.com/callback",
        "https://robot.example.com/callbac%6B",
        "https://robot.example.com/callback#x",
        " https://robot.example.com/callback",
        "",
    ],
)
def test_only_the_same_text_matches(other: str) -> None:
    """A URI is compared as it is written: nothing that is nearly the same, or means the same, will do."""
    assert match(client(redirect_uris=(URI,)), URI)
    assert not match(client(redirect_uris=(URI,)), other)


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "localhost"])
def test_a_public_client_may_use_any_port_of_the_own_machine(host: str) -> None:
    """A program gets its port from the system (RFC 8252, section 7.3)."""
    registered = client(redirect_uris=(f"http://{host}/callback", f"http://{host}:8000/other?a=b"))
    assert match(registered, f"http://{host}:49152/callback")
    assert match(registered, f"http://{host}/callback")
    assert match(registered, f"http://{host}:1/other?a=b")


@pytest.mark.parametrize(
    "other",
    [
        "http://127.0.0.1:1/other",
        "http://127.0.0.1:1/callback?x=1",
        "http://127.0.0.1:1/callback/",
        "http://127.0.0.2:1/callback",
        "http://localhost:1/callback",
        "http://127.1:1/callback",
        "http://127.0.0.1:0/callback",
        "http://127.0.0.1:65536/callback",
        "http://127.0.0.1:/callback",
        "http://127.0.0.1:1@evil.example/callback",
        "http://127.0.0.1.evil.example:1/callback",
        "http://127.0.0.1:1\\@evil.example/callback",
        "https://127.0.0.1:1/callback",
        "HTTP://127.0.0.1:1/callback",
    ],
)
def test_the_port_alone_is_free(other: str) -> None:
    """Path, query, scheme and host of the own machine are compared as they are written."""
    assert not match(client(redirect_uris=("http://127.0.0.1/callback",)), other)


def test_a_confidential_client_has_no_free_port() -> None:
    """A client with a secret does not run at its users, so its URIs match as they are."""
    registered = client(redirect_uris=("http://127.0.0.1/callback",), auth_method=AuthMethod.BASIC)
    assert not match(registered, "http://127.0.0.1:49152/callback")


@pytest.mark.parametrize(
    "uri",
    [
        URI,
        "https://robot.example.com:8443/callback?tenant=1",
        "http://127.0.0.1/callback",
        "http://127.0.0.1",
        "http://[::1]:8000/callback",
        "http://localhost:8000/callback",
        "com.example.robot:/callback",
    ],
)
def test_a_public_client_may_register_it(uri: str) -> None:
    """An https URI with a host, the own machine, and a scheme that is a name written backwards."""
    assert is_allowed(uri, public=True)


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "robot.example.com/callback",
        "//robot.example.com/callback",
        "http://robot.example.com/callback",
        "http://127.0.0.1.evil.example/callback",
        "http://127.0.0.1:99999/callback",
        "https://",
        "https:///callback",
        "https://user:pass@robot.example.com/callback",
        "https://robot.example.com\\@evil.example/callback",
        "https://Robot.example.com/callback",
        "https://robot.example.com:/callback",
        "https://robot.example.com:0443/callback",
        "https://*.example.com/callback",
        "https://robot.example.com/call back",
        "https://robot.example.com/callback#fragment",
        "https://robot.example.com/é",
        "https://robot.example.com/\n",
        "https://robot.example.com/" + "a" * MOST_CHARACTERS,
        "robot:/callback",
        "vscode://robot/callback",
        "com.example.robot://evil.example/callback",
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
    ],
)
def test_it_is_refused_to_every_client(uri: str) -> None:
    """What is no absolute URI in one spelling, has credentials, a fragment or a scheme of anybody."""
    assert not is_allowed(uri, public=True)


@pytest.mark.parametrize(
    "uri", ["http://127.0.0.1/callback", "http://localhost/callback", "com.example.robot:/callback"]
)
def test_a_confidential_client_may_register_https_alone(uri: str) -> None:
    """A client with a secret runs on a server, and not on the machine of its user."""
    assert not is_allowed(uri, public=False)
    assert is_allowed(URI, public=False)

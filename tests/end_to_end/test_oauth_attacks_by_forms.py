"""Forms that no library sends, through the gateway: what it takes for the parameters is what auth gets.

RFC 6749, sections 3.1 and 3.2; OAuth 2.1 (draft 16), section 7.12. docs/security.md has the table of all
attacks.
"""

from collections.abc import Iterator

import httpx
import pytest

from tests.end_to_end.attacks import FORM, TOKEN, error
from tests.end_to_end.authorization import CALLBACK, CLIENT_ID
from tests.end_to_end.web import Web, is_page
from tests.support.plain_http import PLAIN
from tools.laptop import Laptop

GOOD = "grant_type=refresh_token&client_id=coditect-cli&refresh_token=x"
INVALID_GRANT = (400, "invalid_grant")
INVALID_REQUEST = (400, "invalid_request")
INVALID_CLIENT = (401, "invalid_client")


@pytest.fixture
def raw(laptop: Laptop) -> Iterator[httpx.Client]:
    """A client that sends what no document allows."""
    with httpx.Client(
        base_url=laptop.settings.url, trust_env=False, verify=PLAIN, timeout=60
    ) as opened:
        yield opened


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        (GOOD, INVALID_GRANT),
        # Given twice: by the same name, by another spelling of it, or with an empty value.
        (f"{GOOD}&client_id=evil", INVALID_REQUEST),
        (f"{GOOD}&client%5Fid=evil", INVALID_REQUEST),
        (f"{GOOD}&%63lient_id=evil", INVALID_REQUEST),
        (f"{GOOD}&client_id", INVALID_REQUEST),
        (f"client_id=&{GOOD}", INVALID_REQUEST),
        (f"{GOOD}&refresh_token=y", INVALID_REQUEST),
        # Other names are other parameters, which are ignored.
        (f"{GOOD}&clientId=evil&CLIENT_ID=evil&client_id%00=evil&client_id+=evil", INVALID_GRANT),
        (f"{GOOD}&client.id=evil&client_id[]=evil&client-id=evil&=evil", INVALID_GRANT),
        ("grant_type=refresh_token&clientId=coditect-cli&refresh_token=x", INVALID_CLIENT),
        # What would end a string of JSON does not.
        ('grant_type=refresh_token&client_id=","client_id":"coditect-cli', INVALID_CLIENT),
        (
            "grant_type=refresh_token&client_id=%22%2C%22client_id%22%3A%22coditect-cli",
            INVALID_CLIENT,
        ),
        ("grant_type=refresh_token&client_id=%5C&refresh_token=%5C%22", INVALID_CLIENT),
        # A semicolon separates nothing, and a plus sign is a blank.
        ("grant_type=refresh_token;client_id=coditect-cli", INVALID_CLIENT),
        ("grant_type=refresh+token&client_id=coditect-cli", (400, "unsupported_grant_type")),
        # Control characters, and what is no text.
        ("grant_type=refresh_token&client_id=coditect-cli%00&refresh_token=x", INVALID_CLIENT),
        (
            "grant_type=refresh_token&client_id=coditect-cli&refresh_token=a%00%0d%0ab",
            INVALID_GRANT,
        ),
        (
            b"grant_type=refresh_token&client_id=coditect-cli&refresh_token=\xff\xfe",
            INVALID_REQUEST,
        ),
        (f"{GOOD}%ff%fe", INVALID_REQUEST),
        (f"{GOOD}%c0%80", INVALID_REQUEST),
        (f"{GOOD}%ed%a0%80", INVALID_REQUEST),
        (f"{GOOD}%zz", INVALID_REQUEST),
        (f"{GOOD}%", INVALID_REQUEST),
        # A great deal of it.
        ("&" * 10_000 + GOOD, INVALID_GRANT),
        ("".join(f"a{i}=1&" for i in range(4_000)) + GOOD, INVALID_GRANT),
        (GOOD + "&resource=x" * 4_000, INVALID_REQUEST),
        (GOOD + "x" * 60_000, INVALID_GRANT),
        (GOOD + "x" * 3_000_000, (413, "invalid_request")),
        ("", INVALID_REQUEST),
    ],
)
def test_an_odd_form(body: str | bytes, answer: tuple[int, str], raw: httpx.Client) -> None:
    """It means one thing, or nothing."""
    assert error(raw.post(TOKEN, content=body, headers=FORM)) == answer


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "application/json"},
        {"content-type": "multipart/form-data; boundary=a"},
        {"content-type": "text/plain"},
        {},
        FORM | {"content-encoding": "gzip"},
        FORM | {"content-encoding": "identity, gzip"},
    ],
)
def test_a_form_of_another_type(headers: dict[str, str], raw: httpx.Client) -> None:
    """It is not read: there is one spelling of a request."""
    answer = raw.post(TOKEN, content=GOOD.encode(), headers=headers)
    assert error(answer) == (415, "invalid_request")


def test_parameters_in_the_address(raw: httpx.Client) -> None:
    """Of an endpoint they count nowhere, so no secret is taken from where it would be logged (RFC 6749, 3.2)."""
    for query in (GOOD, "refresh_token=x", "refreshToken=x", "client_secret=x", "client_id=evil"):
        assert (
            error(raw.post(f"{TOKEN}?{GOOD}&{query}", content="", headers=FORM)) == INVALID_REQUEST
        )
        assert error(raw.post(f"{TOKEN}?{query}", content=GOOD, headers=FORM)) == INVALID_GRANT
    half = f"grant_type=refresh_token&client_id={CLIENT_ID}"
    assert (
        error(raw.post(f"{TOKEN}?refresh_token=x", content=half, headers=FORM)) == INVALID_REQUEST
    )


@pytest.mark.parametrize("path", [TOKEN, "/oauth/revoke", "/oauth/introspect", "/oauth/par"])
def test_another_method(path: str, raw: httpx.Client) -> None:
    """Endpoints take POST alone, and no header or field names another method."""
    for method in ("GET", "PUT", "DELETE", "PATCH"):
        assert error(raw.request(method, f"{path}?{GOOD}")) == (405, "invalid_request")
    for name in ("x-http-method-override", "x-http-method", "x-method-override"):
        overridden = raw.get(path, headers={name: "POST"})
        assert overridden.status_code == 405
    posted = raw.post(
        TOKEN, content=f"{GOOD}&_method=DELETE", headers=FORM | {"x-http-method": "GET"}
    )
    assert error(posted) == INVALID_GRANT


@pytest.mark.parametrize(
    "credentials",
    [
        "Basic",
        "Basic !!!",
        "Basic AAAA",
        "Basic Y29kaXRlY3QtY2xp",
        "Basic Y29kaXRlY3QtY2xpOng=",
        "Basic OmNvZGl0ZWN0",
        "Basic JWZmOiVmZg==",
        "Bearer cdt_pat_x",
        "Bearer x",
        "Negotiate x",
        "Basic " + "A" * 6_000,
    ],
)
def test_odd_credentials(credentials: str, raw: httpx.Client) -> None:
    """A header that shows no client is never passed over, and an id without a secret is none."""
    headers = FORM | {"authorization": credentials}
    assert error(raw.post(TOKEN, content=GOOD, headers=headers)) == INVALID_CLIENT


def test_no_error_repeats_what_was_sent(raw: httpx.Client) -> None:
    """Whatever is wrong, the answer has no word of the request (OAuth 2.1, section 7.12)."""
    word = "hunter2-geheim"
    names = ("grant_type", "client_id", "refresh_token", "scope", "resource", "client_secret")
    for name in (*names, "client_assertion", "tenant_id", "subject_token", "code", word):
        given = dict(part.split("=") for part in GOOD.split("&")) | {name: word}
        for body in (given, given | {"grant_type": "authorization_code"}, {name: word}):
            assert word not in raw.post(TOKEN, data=body).text


@pytest.mark.parametrize(
    "query",
    [
        "client_id=coditect-cli&client_id=evil",
        "client_id=coditect-cli&client%5fid=evil",
        "client_id=evil&clientId=coditect-cli",
        "client_id=coditect-cli&client_id.x=1&redirect_uri=https://evil.example",
        "client_id=<script>alert(1)</script>",
        f"client_id=coditect-cli&redirect_uri={CALLBACK}%0d%0alocation:%20https://evil.example",
    ],
)
def test_an_odd_address(query: str, web_of: Web) -> None:
    """The browser stays here, and the page shows nothing of it."""
    answer = web_of.http.get(f"/oauth/authorize?{query}")
    assert is_page(answer, 400)
    assert "location" not in answer.headers
    assert "evil" not in answer.text
    assert "<script" not in answer.text


@pytest.mark.parametrize("value", [b"\xff", b"%ff", b"%", b"a&step=b"])
def test_an_odd_form_of_a_page(value: bytes, web_of: Web) -> None:
    """A person gets a page, also from the gateway itself."""
    headers = FORM | {"origin": web_of.origin}
    for path in ("/oauth/authorize", "/oauth/device"):
        assert is_page(web_of.http.post(path, content=b"step=" + value, headers=headers), 400)
    assert web_of.http.get("/oauth/authorize?client_id=%ff").status_code == 400


def test_a_body_of_a_get(web_of: Web) -> None:
    """It says nothing: a form is sent by POST."""
    answer = web_of.http.request(
        "GET", "/oauth/authorize", content="client_id=coditect-cli&step=approve", headers=FORM
    )
    assert answer.status_code == 400
    assert "location" not in answer.headers

"""Pages, and answers that may be cached: status and headers are the service's."""

import pytest
from google.rpc import code_pb2

from tests.gateway.backend import failure
from tests.gateway.environment import ORIGIN, Environment
from tests.gateway.trial.contract import TrialService

PAGE = "/trial/page"
DOCUMENT = "/trial/document"
HTML = "text/html; charset=utf-8"


def test_a_page_passes_as_it_is(trial_gateway: Environment, trial: TrialService) -> None:
    """The text, its type and the headers are those of the service; it is not to be stored."""
    trial.answers["Page"] = {"content_type": HTML, "data": "<p>Grüße".encode()}
    trial.metadata["Page"] = [("content-security-policy", "default-src 'none'")]
    answer = trial_gateway.client.get(PAGE)
    assert (answer.status_code, answer.text) == (200, "<p>Grüße")
    assert answer.headers["content-type"] == HTML
    assert answer.headers["content-security-policy"] == "default-src 'none'"
    assert answer.headers["cache-control"] == "no-store"


def test_a_page_has_the_status_of_the_service(
    trial_gateway: Environment, trial: TrialService
) -> None:
    """The service says the status in a header that the client does not see."""
    trial.answers["Page"] = {"content_type": HTML, "data": b"<p>No."}
    trial.metadata["Page"] = [("x-coditect-status", "400")]
    answer = trial_gateway.client.get(PAGE)
    assert (answer.status_code, answer.text) == (400, "<p>No.")
    assert "x-coditect-status" not in answer.headers


def test_a_page_can_lead_elsewhere(trial_gateway: Environment, trial: TrialService) -> None:
    """A redirect has its place, its cookies in a header each, and no body."""
    trial.metadata["Page"] = [
        ("x-coditect-status", "303"),
        ("location", "https://app.example.com/cb?code=x&iss=y"),
        ("set-cookie", "__Host-first=1; Path=/"),
        ("set-cookie", "__Host-second=2; Path=/"),
    ]
    answer = trial_gateway.client.get(PAGE)
    assert (answer.status_code, answer.content) == (303, b"")
    assert answer.headers["location"] == "https://app.example.com/cb?code=x&iss=y"
    assert "content-type" not in answer.headers
    cookies = answer.headers.get_list("set-cookie")
    assert cookies == ["__Host-first=1; Path=/", "__Host-second=2; Path=/"]


@pytest.mark.parametrize("status", ["999", "2000", "abc", ""])
def test_a_status_that_is_none_does_no_harm(
    trial_gateway: Environment, trial: TrialService, status: str
) -> None:
    """What is no status is dropped."""
    trial.metadata["Page"] = [("x-coditect-status", status)]
    answer = trial_gateway.client.get(PAGE)
    assert answer.status_code == 200
    assert "x-coditect-status" not in answer.headers


def test_no_script_of_another_page_reads_a_page(
    trial_gateway: Environment, trial: TrialService
) -> None:
    """Not even one of a known origin, which can read other answers: the cookies would say whose page it is."""
    trial.answers["Page"] = {"content_type": HTML, "data": b"<p>Ada"}
    headers = {"origin": ORIGIN}
    answer = trial_gateway.client.get(PAGE, headers=headers)
    assert answer.text == "<p>Ada"
    assert not [name for name in answer.headers if name.startswith("access-control-")]
    assert (
        trial_gateway.client.get(DOCUMENT, headers=headers).headers["access-control-allow-origin"]
        == ORIGIN
    )


def test_only_named_cookies_pass(trial_gateway: Environment, trial: TrialService) -> None:
    """A page gets the cookies that its method names; the others never leave the gateway."""
    sent = "x=y; __Host-second=2; a__Host-first=3; __Host-first=1; __Host-coditect_device=z"
    assert trial_gateway.client.get(PAGE, headers={"cookie": sent}).status_code == 200
    assert trial.received["Page"]["cookie"] == "__Host-first=1; __Host-second=2"
    assert trial_gateway.client.get(DOCUMENT, headers={"cookie": sent}).status_code == 200
    assert "cookie" not in trial.received["Document"]


@pytest.mark.parametrize(
    ("query", "request_"),
    [
        ("?code=a+b%2B&unknown=x&grantType=y", {"code": "a b+"}),
        ("?code=&max_age=60&c%6Fde2=1", {"max_age": 60}),
        ("?c%6Fde=x", {"code": "x"}),
        ("?resource=https%3A%2F%2Fx&resource=y", {"resource": ["https://x", "y"]}),
        ("?unknown=x&unknown=y", {}),
        ("?", {}),
    ],
)
def test_a_query_of_oauth_is_read(
    trial_gateway: Environment, trial: TrialService, query: str, request_: dict[str, object]
) -> None:
    """A query follows the rules of a form."""
    for verb in ("GET", "HEAD"):
        assert trial_gateway.client.request(verb, PAGE + query).status_code == 200
        assert trial.requests.pop("Page") == request_


def test_a_refusal_is_a_page(trial_gateway: Environment, trial: TrialService) -> None:
    """The gateway's own refusal is a page without anything that runs, and so is a service's error."""
    refused = trial_gateway.client.get(f"{PAGE}?code=x&code=y")
    trial.answers["Page"] = failure(code_pb2.UNAVAILABLE, "X", message='<b>&"')
    failed = trial_gateway.client.get(PAGE)
    assert (refused.status_code, failed.status_code) == (400, 503)
    assert "<p>The request cannot be read.</p>" in refused.text
    assert "<p>&lt;b&gt;&amp;&quot;</p>" in failed.text
    for answer in (refused, failed):
        assert answer.headers["content-type"] == HTML
        policy = answer.headers["content-security-policy"]
        assert policy == "default-src 'none'; frame-ancestors 'none'"
        assert answer.headers["x-request-id"] in answer.text
    assert failed.headers["retry-after"] == "1"


def test_a_document_may_be_cached(trial_gateway: Environment, trial: TrialService) -> None:
    """The service says how long, and what the document is."""
    trial.metadata["Document"] = [("etag", '"x"'), ("cache-control", "public, max-age=60")]
    answer = trial_gateway.client.get(DOCUMENT, headers={"origin": ORIGIN})
    assert answer.json() == {"active": False}
    assert answer.headers["cache-control"] == "public, max-age=60"
    assert answer.headers["etag"] == '"x"'
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    other = trial_gateway.client.get(DOCUMENT, headers={"origin": "https://other.example"})
    assert "access-control-allow-origin" not in other.headers
    assert other.headers["vary"] == "Origin"


@pytest.mark.parametrize("verb", ["GET", "HEAD"])
def test_a_document_that_is_known_has_no_body(
    trial_gateway: Environment, trial: TrialService, verb: str
) -> None:
    """The service sees what the client has, and 304 passes on without body and type."""
    trial.metadata["Document"] = [
        ("x-coditect-status", "304"),
        ("etag", '"x"'),
        ("cache-control", "public, max-age=60"),
    ]
    answer = trial_gateway.client.request(verb, DOCUMENT, headers={"if-none-match": '"x"'})
    assert trial.received["Document"]["if-none-match"] == '"x"'
    assert (answer.status_code, answer.content) == (304, b"")
    assert (answer.headers["etag"], answer.headers["cache-control"]) == (
        '"x"',
        "public, max-age=60",
    )
    assert not {"content-type", "content-length"} & set(answer.headers)


def test_an_error_of_a_document_has_the_envelope(
    trial_gateway: Environment, trial: TrialService
) -> None:
    """A bare answer has the usual errors, which are not to be stored."""
    trial.answers["Document"] = failure(code_pb2.UNAVAILABLE, "X")
    answer = trial_gateway.client.get(DOCUMENT)
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "X")
    assert answer.headers["cache-control"] == "no-store"


def test_http2_clients_get_the_page_alone(trial_gateway: Environment, trial: TrialService) -> None:
    """Over HTTP/2 a page is the same, without gRPC's trailers."""
    trial.answers["Page"] = {"content_type": HTML, "data": b"<p>x"}
    answer = trial_gateway.curl("--http2-prior-knowledge", trial_gateway.url + PAGE)
    assert "HTTP/2 200" in answer
    assert answer.endswith("<p>x")
    assert "grpc-" not in answer

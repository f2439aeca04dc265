"""Where a server has its OAuth endpoints (RFC 8414)."""

from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from coditect_cli import web
from coditect_cli.failures import Unavailable


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The endpoints that the command uses."""

    device_authorization: str
    token: str
    revocation: str


def discover(client: httpx.Client, server: str) -> Endpoints:
    """The endpoints of a server; raises Unavailable if it does not say them, or is another one."""
    answer = web.send(client, client.build_request("GET", _document(server)))
    if answer.status_code != httpx.codes.OK:
        raise Unavailable(f"{server} is no Coditect server: it answered {answer.status_code}.")
    document = web.body_of(answer)
    issuer = document.get("issuer")
    if issuer != server:  # RFC 8414, section 3.3: otherwise it may pass on to a third party
        raise Unavailable(f"{server} says that its URL is {issuer}: use that as --server.")
    found = [document.get(f"{name}_endpoint") for name in ("device_authorization", "token")]
    found.append(document.get("revocation_endpoint"))
    urls = [url for url in found if isinstance(url, str) and web.is_safe(url)]
    if len(urls) != len(found):
        raise Unavailable(f"{server} offers no device login.")
    return Endpoints(*urls)


def _document(server: str) -> str:
    """The URL of the metadata: the well-known path goes before that of the server."""
    parts = urlsplit(server)
    return f"{parts.scheme}://{parts.netloc}/.well-known/oauth-authorization-server{parts.path}"

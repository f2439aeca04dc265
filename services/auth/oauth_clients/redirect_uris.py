"""Where a browser may be sent back to: the redirect URIs of a client, compared exactly.

A part that matches, a prefix or a pattern would let a stranger choose where a code goes (RFC 9700,
section 4.1). The one exception is the port on the own machine, which a program gets from the system
(RFC 8252, section 7.3).
"""

import re
from urllib.parse import urlsplit

from services.auth.oauth_clients.model import OAuthClient

MOST = 10
MOST_CHARACTERS = 500

_CHARACTERS = re.compile(r"[!#-;=?-\[\]_a-z~]+")  # of RFC 3986
_LOOPBACK = re.compile(r"http://(127\.0\.0\.1|\[::1\]|localhost)(?::([1-9][0-9]{0,4}))?(?=[/?]|$)")
# A name that its owner holds, written backwards (RFC 8252, section 7.1).
_PRIVATE_USE = re.compile(r"[a-z][a-z0-9-]*(\.[a-z0-9-]+)+:/([^/].*)?")
_HOST = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_MOST_PORTS = 65_535


def match(client: OAuthClient, uri: str) -> bool:
    """Whether a client may have a browser sent to a URI.

    A public client may use any port of the own machine. `localhost` counts as that too, because
    browsers never ask a name server for it, and editors use it.
    """
    if uri in client.redirect_uris:
        return True
    wanted = _without_port(uri) if client.is_public else None
    return wanted is not None and wanted in map(_without_port, client.redirect_uris)


def is_allowed(uri: str, *, public: bool) -> bool:
    """Whether a client may register a URI.

    Args:
        uri: The URI.
        public: Whether the client is public: only such one runs at its user, so only it may name the
            own machine, or a scheme that an app has registered there.
    """
    if len(uri) > MOST_CHARACTERS or not _CHARACTERS.fullmatch(uri) or "#" in uri:
        return False
    if uri.startswith("https://"):
        return _is_plain(uri)
    if not public:
        return False
    return _without_port(uri) is not None or _PRIVATE_USE.fullmatch(uri) is not None


def _is_plain(uri: str) -> bool:
    """Whether an https URI has a host in its one spelling, and no credentials."""
    try:
        parts = urlsplit(uri)
        port = parts.port
    except ValueError:
        return False
    shown = "" if port is None else f":{port}"
    host = parts.hostname or ""
    named = _HOST.fullmatch(host) is not None
    return named and port != 0 and parts.netloc == f"{host}{shown}" and "\\" not in uri


def _without_port(uri: str) -> str | None:
    """A URI of the own machine without its port; None for any other."""
    found = _LOOPBACK.match(uri)
    if found is None or int(found[2] or 0) > _MOST_PORTS:
        return None
    return f"http://{found[1]}{uri[found.end() :]}"

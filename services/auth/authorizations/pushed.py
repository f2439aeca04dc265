"""An authorization request that a client sends in advance (RFC 9126): no browser can change it."""

from typing import NamedTuple

from kernel.errors import InvalidRequest
from kernel.identity.callers import Call
from kernel.runtime import Runtime
from kernel.storage import Write
from services.auth.authorizations import codes
from services.auth.authorizations.codes import RequestName
from services.auth.authorizations.errors import (
    AuthorizationPageError,
    AuthorizationRedirectError,
    TooManyPushedRequests,
)
from services.auth.authorizations.model import (
    PUSHED_REQUEST_LIFE,
    AuthorizationParameters,
    PushedRequest,
)
from services.auth.authorizations.repository import (
    MAC_BYTES,
    PARAMETER_BYTES,
    PUSHED_REQUESTS,
    number_of_network,
)
from services.auth.authorizations.requests import AuthorizationRequests
from services.auth.oauth_clients.model import OAuthClient

PER_NETWORK = 1_000
"""The maximum number of requests of one network (/24 of IPv4, /48 of IPv6) that wait for their users."""


class Pushed(NamedTuple):
    """What a client gets (RFC 9126, section 2.2).

    Attributes:
        request_uri: The name of the request, for the address of our page.
        expires_in: How long it waits, in seconds.
    """

    request_uri: str
    expires_in: int


class PushRequest:
    """The use case of a pushed request."""

    def __init__(self, runtime: Runtime, requests: AuthorizationRequests) -> None:
        self._runtime = runtime
        self._requests = requests

    async def push(
        self, call: Call, client: OAuthClient, parameters: AuthorizationParameters
    ) -> Pushed:
        """Keeps the request of a client that has shown who it is, until its user answers.

        Raises `TooManyPushedRequests` and, for a request that is not good, `InvalidRequest`,
        `InvalidScope`, `InvalidTarget`, `UnauthorizedClient`, `UnsupportedResponseType`,
        `RequestNotSupported`.
        """
        if parameters.request_uri:
            raise InvalidRequest.of("request_uri")  # RFC 9126, section 2.1
        self._check(client, parameters)
        runtime, now = self._runtime, self._runtime.clock.now()
        name = RequestName(runtime.ids.uuid(), runtime.ids.secret())
        network = runtime.seal.mac("network of requests", call.device.network.encode())[:MAC_BYTES]
        end = now + PUSHED_REQUEST_LIFE
        new = PushedRequest(name.request_id, name.hash, parameters, network, now, end)

        async def put(tx: Write) -> bool:
            if await number_of_network(tx, network) >= PER_NETWORK:
                return False
            await PUSHED_REQUESTS.put(tx, new)
            return True

        if not await runtime.store.write(put):
            raise TooManyPushedRequests(retry_after=PUSHED_REQUEST_LIFE.total_seconds())
        return Pushed(
            codes.write_request(name, runtime.seal), int(PUSHED_REQUEST_LIFE.total_seconds())
        )

    def _check(self, client: OAuthClient, parameters: AuthorizationParameters) -> None:
        if _bytes(parameters) > PARAMETER_BYTES:
            raise InvalidRequest.of("request")
        try:
            self._requests.check_of(client, parameters)
        except AuthorizationRedirectError as error:
            raise error.cause from None
        except AuthorizationPageError as error:
            raise InvalidRequest.of(error.metadata["problem"]) from None


def _bytes(parameters: AuthorizationParameters) -> int:
    texts = [text for text in _values(parameters) if isinstance(text, str)]
    return sum(len(text.encode()) + 3 for text in (*texts, *parameters.resource))


def _values(parameters: AuthorizationParameters) -> list[object]:
    return [getattr(parameters, name) for name in AuthorizationParameters.__slots__]

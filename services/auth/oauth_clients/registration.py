"""The registration of a program by itself (RFC 7591), where the operator allows it.

No admin vouches for such a client: it gets no secret, acts only with the consent of a user, and ends when
it is not used. Unknown metadata are ignored. What the client may not have is replaced or left out, and
the answer says so (RFC 7591, section 3.2.1).
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, NamedTuple

from kernel.clock import day_of, rest_of_day
from kernel.errors import FieldViolation
from kernel.identity import scopes
from kernel.identity.callers import Call
from kernel.runtime import Runtime
from kernel.storage import Write
from services.auth.oauth_clients.dynamic_life import UNUSED
from services.auth.oauth_clients.errors import (
    InvalidClientMetadata,
    InvalidRedirectUri,
    RegistrationDisabled,
    TooManyRegistrations,
)
from services.auth.oauth_clients.metadata import ClientMetadata, Fault, faults_of
from services.auth.oauth_clients.model import AuthMethod, ClientOrigin, GrantType, OAuthClient
from services.auth.oauth_clients.repository import DYNAMIC_CLIENTS, REGISTRATION_QUOTA
from services.auth.settings import AuthSettings

GRANT_TYPES = frozenset({GrantType.AUTHORIZATION_CODE, GrantType.REFRESH_TOKEN})
"""What a client may have that registers itself: it sends its user to a page, which shows its name."""
NAMELESS = "Unnamed program"
_LIMIT = "clients"
_PARAMETERS = {
    "name": "client_name",
    "redirect_uris": "redirect_uris",
    "grant_types": "grant_types",
    "scopes": "scope",
    "keys": "jwks",
}


class ClientRegistration(NamedTuple):
    """What a program says of itself, by the names of RFC 7591 (section 2); empty where it says nothing."""

    redirect_uris: tuple[str, ...]
    client_name: str = ""
    grant_types: tuple[str, ...] = ()
    scope: str = ""
    auth_method: str = ""
    keys: Mapping[str, Any] | None = None


class RegisterClient:
    """The use case of a registration."""

    def __init__(self, runtime: Runtime, settings: AuthSettings) -> None:
        self._runtime = runtime
        self._open = settings.dynamic_client_registration == "open"
        self._per_network = settings.registrations_per_network

    async def register(self, call: Call, registration: ClientRegistration) -> OAuthClient:
        """Registers the calling program.

        Raises `RegistrationDisabled`, `InvalidRedirectUri`, `InvalidClientMetadata`, `TooManyRegistrations`.
        """
        if not self._open:
            raise RegistrationDisabled
        metadata = metadata_of(registration)
        check(metadata)
        runtime, now = self._runtime, self._runtime.clock.now()
        client = client_of(metadata, str(runtime.ids.uuid()), ClientOrigin.DYNAMIC)
        new = replace(client, create_time=now, expire_time=now + UNUSED)
        network = call.device.network.encode()

        async def register(tx: Write) -> bool:
            day = day_of(now)
            room = await REGISTRATION_QUOTA.take(tx, day, _LIMIT, network, self._per_network)
            if room:
                await DYNAMIC_CLIENTS.put(tx, new)
            return room

        if not await runtime.store.write(register):
            wait = max(rest_of_day(now), timedelta(seconds=1))
            raise TooManyRegistrations(retry_after=wait.total_seconds())
        return new


def metadata_of(registration: ClientRegistration) -> ClientMetadata:
    """What a client gets of what it asks for; what is wrong with that is not checked.

    Every client of its kind gets the same: no secret, and no grant without a page.
    """
    with_key = registration.auth_method == AuthMethod.PRIVATE_KEY_JWT
    asked = registration.grant_types or tuple(GRANT_TYPES)
    scope = frozenset(registration.scope.split())
    return ClientMetadata(
        name=registration.client_name or NAMELESS,
        redirect_uris=registration.redirect_uris,
        grant_types=tuple(one for one in asked if one in GRANT_TYPES),
        # What does not exist is left out (RFC 7591, section 2); the answer says what is left.
        scopes=tuple(scopes.GRANTABLE & scope if scope else scopes.GRANTABLE),
        auth_method=AuthMethod.PRIVATE_KEY_JWT if with_key else AuthMethod.NONE,
        keys=registration.keys if with_key else None,
    )


def check(metadata: ClientMetadata) -> None:
    """Raises `InvalidRedirectUri`, `InvalidClientMetadata`."""
    faults = list(faults_of(metadata))
    if not faults:
        return
    of_uris = [fault for fault in faults if fault.attribute == "redirect_uris"]
    if of_uris:
        raise InvalidRedirectUri(violations=_violations(of_uris))
    raise InvalidClientMetadata(violations=_violations(faults))


def client_of(metadata: ClientMetadata, client_id: str, origin: ClientOrigin) -> OAuthClient:
    """The client that checked metadata describe."""
    return OAuthClient(
        client_id=client_id,
        name=metadata.name,
        origin=origin,
        redirect_uris=tuple(dict.fromkeys(metadata.redirect_uris)),
        grant_types=frozenset(map(GrantType, metadata.grant_types)),
        scopes=frozenset(metadata.scopes),
        auth_method=metadata.auth_method,
        jwks=metadata.jwks,
    )


def _violations(faults: list[Fault]) -> list[FieldViolation]:
    return [
        FieldViolation(_PARAMETERS[fault.attribute], fault.reason, fault.description)
        for fault in faults
    ]

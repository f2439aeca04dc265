"""Wires a service's authorizer to the revocation feed of auth.

For every service except auth, which reads its own log instead.
"""

from dataclasses import dataclass

from kernel.clock import Clock
from kernel.identity.peers import Peers
from kernel.identity.revocations import Revocations
from kernel.identity.service_tokens import ServiceTokens
from kernel.identity.tokens import Verifier
from kernel.rpc.authorization import Authorizer
from kernel.rpc.client import Client
from kernel.rpc.revocation_feed import Feed
from kernel.settings import Endpoint, ServiceSettings, secrets_of


@dataclass(frozen=True)
class AuthConnection:
    """The authorizer of a service, and what keeps it up to date."""

    authorizer: Authorizer
    feed: Feed
    """Runs as long as the service, and is part of its readiness."""
    auth: Client
    """The connection of the feed; close it when the service stops."""
    tokens: ServiceTokens
    """Identify the service to the services it calls."""


def peers_of(settings: ServiceSettings) -> Peers | None:
    """The workloads that the sidecar can name; None for a service without a sidecar."""
    if settings.mesh_trust_domain is None:
        return None
    return Peers(settings.mesh_trust_domain, settings.mesh_fronts)


def connect_to_auth(
    auth: Endpoint,
    name: str,
    settings: ServiceSettings,
    clock: Clock,
    services: tuple[str, ...] = (),
) -> AuthConnection:
    """Connects a service to auth, whose signing keys and revocations it follows.

    Args:
        auth: Where auth serves gRPC.
        name: The name of this service.
        settings: Names, keys and times.
        clock: Tells the age of tokens.
        services: The services of auth that will be called, see `Client`.
    """
    verifier = Verifier.of(settings, clock)
    revocations = Revocations(settings.feed_stale_seconds, clock)
    tokens = ServiceTokens(name, secrets_of(settings.service_keys), clock)
    client = Client(str(auth), "auth", services, tokens)
    return AuthConnection(
        authorizer=Authorizer(verifier, revocations, tokens, peers_of(settings)),
        feed=Feed(client, verifier, revocations, clock),
        auth=client,
        tokens=tokens,
    )

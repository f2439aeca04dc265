"""What a service needs to know whom to let in, wired: the authorizer and the feed that keeps it true.

For every service but auth, which reads its own log instead of a feed.
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
from kernel.settings import Address, ServiceSettings, secrets_of


@dataclass(frozen=True)
class AuthConnection:
    """The authorizer of a service, and what keeps it up to date."""

    authorizer: Authorizer
    feed: Feed
    """To be run as long as the service, and part of its readiness."""
    auth: Client
    """The connection that the feed comes over; to be closed at the end."""
    tokens: ServiceTokens
    """What the service shows to those whom it calls."""


def peers_of(settings: ServiceSettings) -> Peers | None:
    """Who may call, as the sidecar says; None for a service without one."""
    if settings.mesh_trust_domain is None:
        return None
    return Peers(settings.mesh_trust_domain, settings.mesh_fronts)


def connect_to_auth(
    auth: Address,
    name: str,
    settings: ServiceSettings,
    clock: Clock,
    services: tuple[str, ...] = (),
) -> AuthConnection:
    """The trust of a service in what auth says.

    Args:
        auth: Where auth serves gRPC.
        name: The service that this process is.
        settings: Names, keys and times.
        clock: Tells the age of tokens.
        services: What will be called of auth, see `Client`.
    """
    verifier = Verifier(settings.token_issuer, settings.token_audience, clock)
    revocations = Revocations(settings.token_seconds, settings.feed_stale_seconds, clock)
    tokens = ServiceTokens(name, secrets_of(settings.service_keys), clock)
    client = Client(str(auth), "auth", services, tokens)
    return AuthConnection(
        authorizer=Authorizer(verifier, revocations, tokens, peers_of(settings)),
        feed=Feed(client, verifier, revocations),
        auth=client,
        tokens=tokens,
    )

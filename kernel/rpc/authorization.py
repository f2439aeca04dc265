"""Authorization of a call by the rule of its method: which user or service calls, and may it."""

from collections.abc import Mapping
from dataclasses import dataclass

from kernel.errors import (
    AccessTokenInvalid,
    AccessTokenMissing,
    ServiceNotAllowed,
    ServiceTokenInvalid,
)
from kernel.identity import peers, service_tokens
from kernel.identity.access_rules import Rule
from kernel.identity.callers import Caller
from kernel.identity.peers import Peers
from kernel.identity.revocations import Revocations
from kernel.identity.service_tokens import ServiceTokens
from kernel.identity.tokens import Verifier

_CREDENTIALS = "authorization"
_BEARER = "bearer"


@dataclass(frozen=True)
class Authorizer:
    """Checks callers against the access rules."""

    verifier: Verifier
    revocations: Revocations
    service_tokens: ServiceTokens
    peers: Peers | None = None
    """The workloads that the sidecar lets in; None without a sidecar."""

    def authorize(self, rule: Rule, metadata: Mapping[str, str]) -> Caller | None:
        """The calling user; None in a method that is not for users.

        Also None if the user is optional and the call has no token. Raises the reason for which
        the caller may not call the method.
        """
        peer = self._peer(rule, metadata)
        if rule.user or (rule.optional_user and _CREDENTIALS in metadata):
            caller = self._user(metadata)
            rule.check(caller)
            if rule.recent_seconds and (max_age := rule.max_age(caller)):
                self.verifier.check_recent(caller, max_age)
            return caller
        if not rule.public:
            token = metadata.get(service_tokens.HEADER)
            if token is None:
                raise ServiceTokenInvalid
            service = self.service_tokens.verify(token)
            if service not in rule.services or peer not in {None, service}:
                raise ServiceNotAllowed
        return None

    def check_again(self, caller: Caller | None) -> None:
        """Checks the caller's token in the middle of a long call.

        Raises `AccessTokenRevoked`, `RevocationsStale`.
        """
        if caller is not None:
            self.revocations.check(caller)

    def _user(self, metadata: Mapping[str, str]) -> Caller:
        # RFC 9110, sections 11.1 and 11.4: the case of the scheme's name and the number of spaces after
        # it do not matter.
        scheme, _, rest = metadata.get(_CREDENTIALS, "").partition(" ")
        token = rest.lstrip(" ")
        if not token or scheme.lower() != _BEARER:
            raise AccessTokenMissing
        try:
            caller = self.verifier.verify(token)
        except AccessTokenInvalid:
            # The feed brings the keys too: a service that has just started does not know them yet.
            self.revocations.check_fresh()
            raise
        self.revocations.check(caller)
        return caller

    def _peer(self, rule: Rule, metadata: Mapping[str, str]) -> str | None:
        """The calling workload, as the sidecar says. Raises if it may not call the method."""
        if self.peers is None:
            return None
        peer = self.peers.name(metadata.get(peers.HEADER, ""))
        if peer not in (rule.services or self.peers.fronts):
            raise ServiceNotAllowed
        return peer

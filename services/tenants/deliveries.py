"""Delivers the tasks of the outboxes.

They are access revocations, proved addresses, deleted organizations, and acts of operators.
"""

from kernel import log
from kernel.errors import AccessTokenRevoked, ServiceError
from services.tenants.clients import (
    RemoteEmailProofs,
    RemoteOperatorLog,
    RemoteProfiles,
    RemoteSessionRevocations,
    RemoteTenantErasures,
    RemoteTokenRevocations,
)
from services.tenants.invitations import repository as invitations
from services.tenants.invitations.model import EmailProofTask
from services.tenants.invitations.promises import RolePromises
from services.tenants.operator_events import repository as operator_events
from services.tenants.organizations import repository as organizations
from services.tenants.revocations import repository as revocations

_logger = log.get(__name__)


class RevocationDeliveries:
    """Reads a notice from an outbox and makes the call that it asks for."""

    def __init__(self, auth: RemoteTokenRevocations, sessions: RemoteSessionRevocations) -> None:
        self._auth = auth
        self._sessions = sessions

    async def deliver_token_revocation(self, payload: bytes) -> None:
        """Has auth reject tokens. Raises if auth does not confirm it; the outbox then retries."""
        try:
            await self._auth.revoke_tenant_tokens(revocations.parse_revocation(payload))
        except ServiceError as error:
            _logger.info("token revocation not delivered", reason=error.reason)
            raise

    async def deliver_session_revocation(self, payload: bytes) -> None:
        """Ends sessions. Raises if that is not confirmed; the outbox then retries."""
        try:
            await self._sessions.end_sessions(revocations.parse_revocation(payload))
        except ServiceError as error:
            _logger.info("session revocation not delivered", reason=error.reason)
            raise


class TenantErasureDeliveries:
    """Tells auth of deleted organizations."""

    def __init__(self, auth: RemoteTenantErasures) -> None:
        self._auth = auth

    async def deliver(self, payload: bytes) -> None:
        """Does one task. Raises if auth does not confirm it; the outbox then retries."""
        try:
            await self._auth.erase_tenant(organizations.parse_erasure(payload))
        except ServiceError as error:
            _logger.info("erasure of a tenant not delivered", reason=error.reason)
            raise


class OperatorEventDeliveries:
    """Puts the acts of operators into auth's operator log."""

    def __init__(self, log: RemoteOperatorLog) -> None:
        self._log = log

    async def deliver(self, payload: bytes) -> None:
        """Does one task. Raises if auth does not confirm it; the outbox then retries."""
        try:
            await self._log.append(operator_events.parse_event(payload))
        except ServiceError as error:
            _logger.info("act of an operator not delivered", reason=error.reason)
            raise


class EmailProofDeliveries:
    """Tells auth of a proved address, or asks whether an address is proved that a role waits for."""

    def __init__(
        self, proofs: RemoteEmailProofs, profiles: RemoteProfiles, promises: RolePromises
    ) -> None:
        self._proofs = proofs
        self._profiles = profiles
        self._promises = promises

    async def deliver(self, payload: bytes) -> None:
        """Does one task. Raises if auth does not answer; the outbox then retries."""
        try:
            await self._do(invitations.parse_email_proof(payload))
        except ServiceError as error:
            _logger.info("email proof not delivered", reason=error.reason)
            raise

    async def _do(self, task: EmailProofTask) -> None:
        if task.proved_email is not None:
            await self._proofs.prove(task.user_id, task.proved_email)
            return
        try:
            user = await self._profiles.profile(task.user_id)
        except AccessTokenRevoked:  # the account is deleted
            return
        if user.email_verified:
            await self._promises.keep(task.user_id, user.profile.normalized_email)

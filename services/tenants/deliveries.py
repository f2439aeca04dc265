"""Delivers access revocations from the outboxes to auth and sessions."""

from kernel import log
from kernel.errors import ServiceError
from services.tenants.clients import RemoteSessionRevocations, RemoteTokenRevocations
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

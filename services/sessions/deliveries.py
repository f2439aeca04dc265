"""Delivers the notices of the outbox: sessions with tokens that have ended."""

from kernel import log
from kernel.errors import ServiceError
from services.sessions import repository
from services.sessions.clients import RemoteSessionTokens

_logger = log.get(__name__)


class EndedSessionDeliveries:
    """Reads a notice, and has auth end the tokens of the session."""

    def __init__(self, auth: RemoteSessionTokens) -> None:
        self._auth = auth

    async def deliver(self, payload: bytes) -> None:
        """Delivers one notice. Raises if auth does not confirm it; the outbox then retries."""
        try:
            await self._auth.end(repository.parse_ended(payload))
        except ServiceError as error:
            _logger.info("end of a session not delivered", reason=error.reason)
            raise

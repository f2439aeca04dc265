"""Proves to one service that another one is calling.

A service token is a Fernet token that names caller and callee, made with a key that only the
services know and valid for a minute. In a cluster it complements the sidecars' mTLS; on a laptop
it alone keeps other programs out of the internal methods.
"""

import json
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from kernel import base64url
from kernel.clock import Clock
from kernel.errors import ServiceTokenInvalid
from kernel.identity.strict_json import parse_object

HEADER = "x-coditect-service"
_LIFE_SECONDS = 60
_RENEW_SECONDS = 20


class ServiceTokens:
    """Issues and verifies the service tokens of one process.

    Args:
        name: The name of this service.
        keys: Fernet keys shared by all services, the current one first.
        clock: Tells the age of a token.
    """

    def __init__(self, name: str, keys: Sequence[str], clock: Clock) -> None:
        self.name = name
        self._fernet = MultiFernet([Fernet(key) for key in keys])
        self._clock = clock
        self._issued: dict[str, tuple[int, str]] = {}

    def issue(self, callee: str) -> str:
        """A token that identifies this service to the callee; cached for some seconds."""
        now = int(self._clock.now().timestamp())
        time, token = self._issued.get(callee, (0, ""))
        if not time <= now < time + _RENEW_SECONDS:
            body = json.dumps({"from": self.name, "to": callee}).encode()
            token = self._fernet.encrypt_at_time(body, now).decode()
            self._issued[callee] = (now, token)
        return token

    def verify(self, token: str) -> str:
        """The name of the calling service. Raises `ServiceTokenInvalid`."""
        now = int(self._clock.now().timestamp())
        try:
            base64url.check_padded(token)  # Fernet's decoder skips over what is none
            body = parse_object(self._fernet.decrypt_at_time(token, _LIFE_SECONDS, now))
            caller, callee = body["from"], body["to"]
        except (InvalidToken, ValueError, KeyError, RecursionError):
            raise ServiceTokenInvalid from None
        if callee != self.name or not isinstance(caller, str):
            raise ServiceTokenInvalid
        return caller

"""What a client shows: a given token, or the tokens of a login, which it renews."""

import time
from dataclasses import dataclass, field
from typing import Any, Protocol

_EARLY = 30.0
"""Seconds before its end at which an access token is renewed."""


class TokenStore(Protocol):
    """Keeps the refresh token of a login, so that the login outlives the process.

    A program that reads a refresh token can act as the user: keep it as safe as a password. A token is good
    once, so each one that is saved replaces the one before.
    """

    def load(self) -> str | None:
        """The refresh token, or None without a login."""

    def save(self, refresh_token: str | None) -> None:
        """Keeps the next refresh token; None: the login is over."""


class Memory:
    """Keeps the refresh token in this process only."""

    def __init__(self) -> None:
        self._refresh_token: str | None = None

    def load(self) -> str | None:
        """The refresh token, or None without a login."""
        return self._refresh_token

    def save(self, refresh_token: str | None) -> None:
        """Keeps the next refresh token; None: the login is over."""
        self._refresh_token = refresh_token


@dataclass(slots=True)
class Credentials:
    """The token that calls show.

    Attributes:
        given: A personal access token, the key of a service account or any other token that the
            client cannot renew. Then there is no login.
        store: Keeps the refresh token of the login.
    """

    given: str | None = field(default=None, repr=False)
    store: TokenStore = field(default_factory=Memory)
    _access_token: str | None = field(default=None, repr=False)
    _until: float = 0.0

    @property
    def access_token(self) -> str | None:
        """The token for the next call, or None without one."""
        return self.given or self._access_token

    def is_renewable(self) -> bool:
        """Whether there is a login whose access token can be renewed."""
        return self.given is None and self.store.load() is not None

    def is_due(self) -> bool:
        """Whether the access token of the login is missing, or ends within half a minute."""
        due = self._access_token is None or time.monotonic() > self._until - _EARLY
        return due and self.is_renewable()

    def adopt(self, tokens: dict[str, Any]) -> None:
        """Takes the tokens of an answer. Without a refresh token the one that is kept stays."""
        refresh_token = tokens.get("refreshToken")
        if refresh_token:
            self.store.save(refresh_token)
        self._access_token = tokens["accessToken"]
        self._until = time.monotonic() + float(tokens["expiresIn"])

    def forget(self, refresh_token: str | None) -> None:
        """Ends the login here. If the store has another refresh token by now, that one stays.

        Another process that shares the store has saved it; the next call goes on with its login.
        """
        self._access_token = None
        if self.store.load() == refresh_token:
            self.store.save(None)

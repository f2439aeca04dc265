"""How a call goes, whatever sends it: tokens, refresh, repeats.

A call is a generator that yields what must be done (`Send`, `Wait`, `Exclusively`) and gets the
outcome back. So the sync and the async client share this and differ only in how they do it.
"""

import random
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar
from uuid import uuid4

import httpx

from coditect_client.answers import data_of, error_of, retry_after
from coditect_client.errors import (
    AccessTokenExpired,
    AccessTokenRevoked,
    RateLimited,
    RefreshTokenInvalid,
)
from coditect_client.exceptions import ApiError, CoditectError, NetworkError
from coditect_client.operation import Operation
from coditect_client.tokens import Credentials

_FIRST_PAUSE = 0.2
_LONGEST_PAUSE = 10.0
_REFRESH = "/api/v5/auth/refresh"
_LOGOUT = "/api/v5/auth/logout"
_SAFE_METHODS = {"GET", "HEAD"}


@dataclass(frozen=True, slots=True)
class Send:
    """Sends a request; the outcome is the answer, or NetworkError.

    With `streamed` the body of a good answer is not read yet.
    """

    method: str
    url: str
    query: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: Mapping[str, Any] | None = field(default=None, repr=False)
    form: bool = False
    streamed: bool = False


class NotSent(NetworkError):
    """The server cannot be reached, so it has not seen the request."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Waits for some seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Exclusively:
    """Runs a part of a call while no other call of this client is in such a part.

    A part has no such part itself: it would wait for its own end. The outcome is that of the part.
    """

    part: "Flow[Any]"


Outcome = TypeVar("Outcome")
Step = Send | Wait | Exclusively
Flow = Generator[Step, Any, Outcome]


class Calls:
    """The calls of one client: they share its credentials, and are repeated up to `retries` times."""

    def __init__(self, credentials: Credentials, retries: int) -> None:
        self.credentials = credentials
        self._retries = retries

    def call(
        self,
        operation: Operation[Any],
        path: Mapping[str, str],
        query: Mapping[str, Any],
        body: Mapping[str, Any] | None,
        key: str | None,
    ) -> "Flow[Any]":
        """Calls an operation and returns the data of its answer."""
        alone = operation.gives_tokens or operation.ends_login
        answering = self._answer(operation, path, query, body, key, alone=alone)
        if alone:
            return (yield Exclusively(self._change_login(operation, answering)))
        return data_of((yield from answering), enveloped=operation.enveloped)

    def download(
        self, operation: Operation[Any], path: Mapping[str, str]
    ) -> "Flow[httpx.Response]":
        """Begins a download; its body is read by the client."""
        answer = yield from self._answer(operation, path, {}, None, None, streamed=True)
        if answer.is_error:
            raise error_of(answer)
        return answer

    def refresh(self) -> "Flow[None]":
        """Gets the tokens of the login anew. Raises RefreshTokenInvalid if it has ended."""
        yield Exclusively(self._refresh(self.credentials.access_token))
        if not self.credentials.is_renewable():  # or no longer, after a logout meanwhile
            raise CoditectError("There is no login whose tokens could be renewed.")

    def logout(self) -> "Flow[None]":
        """Ends the login at the server and here; without a login it does nothing."""
        yield Exclusively(self._logout())

    def _logout(self) -> "Flow[None]":
        refresh_token = self.credentials.store.load()
        if self.credentials.given is None and refresh_token is not None:
            send = Send("POST", _LOGOUT, body={"refreshToken": refresh_token})
            data_of((yield from self._repeated(send, repeatable=True)), enveloped=True)
            self.credentials.forget(refresh_token)

    def _change_login(
        self, operation: Operation[Any], answering: "Flow[httpx.Response]"
    ) -> "Flow[Any]":
        """Calls an operation that gives tokens or ends the login, with no refresh meanwhile.

        The answer of such a refresh would undo the change, or its refusal would end the new login.
        """
        data = data_of((yield from answering), enveloped=operation.enveloped)
        if operation.gives_tokens and "tokens" in data:
            self.credentials.adopt(data["tokens"])
        if operation.ends_login:
            # Also a refresh token that another process has got for this login meanwhile is void.
            self.credentials.forget(self.credentials.store.load())
        return data

    def _answer(
        self,
        operation: Operation[Any],
        path: Mapping[str, str],
        query: Mapping[str, Any],
        body: Mapping[str, Any] | None,
        key: str | None,
        *,
        streamed: bool = False,
        alone: bool = False,
    ) -> "Flow[httpx.Response]":
        headers = {"idempotency-key": key or str(uuid4())} if operation.takes_key else {}
        repeatable = operation.takes_key or operation.method in _SAFE_METHODS
        send = Send(
            operation.method, operation.url(path), query, headers, body, operation.form, streamed
        )
        if operation.authorized:
            return (yield from self._authorized(send, repeatable=repeatable, alone=alone))
        return (yield from self._repeated(send, repeatable=repeatable))

    def _authorized(self, send: Send, *, repeatable: bool, alone: bool) -> "Flow[httpx.Response]":
        """Sends with the access token; renews it before it ends, and once if it is refused.

        A call that is `alone` is in an exclusive part already, so its refresh needs no other.
        """
        token = self.credentials.access_token
        if self.credentials.is_due():
            yield from _exclusively(self._refresh(token), alone=alone)
            token = self.credentials.access_token
        answer = yield from self._repeated(_with(send, token), repeatable=repeatable)
        if self._can_be_renewed(answer):
            yield from _exclusively(self._refresh(token), alone=alone)
            renewed = _with(send, self.credentials.access_token)
            answer = yield from self._repeated(renewed, repeatable=repeatable)
        return answer

    def _can_be_renewed(self, answer: httpx.Response) -> bool:
        if answer.status_code != httpx.codes.UNAUTHORIZED or not self.credentials.is_renewable():
            return False
        return isinstance(_error(answer), AccessTokenExpired | AccessTokenRevoked)

    def _refresh(self, refused: str | None) -> "Flow[None]":
        """Renews the token that was refused, unless another call has done it meanwhile.

        A refresh token is good once, but the server answers a repeat with the same successor, so a
        refresh whose answer was lost is repeated. Another process may share the store: if it has
        changed the login meanwhile, the answer is of the old one, and the new one is refreshed.
        """
        credentials = self.credentials
        while credentials.is_due() or (
            credentials.is_renewable() and credentials.access_token == refused
        ):
            sent = credentials.store.load()
            send = Send("POST", _REFRESH, body={"refreshToken": sent or ""})
            answer = yield from self._repeated(send, repeatable=True)
            try:
                tokens = data_of(answer, enveloped=True)["tokens"]
            except RefreshTokenInvalid:
                credentials.forget(sent)
                if not credentials.is_renewable():
                    raise
            else:
                if credentials.store.load() in (sent, tokens.get("refreshToken", sent)):
                    credentials.adopt(tokens)
                    return
                credentials.forget(sent)

    def _repeated(self, send: Send, *, repeatable: bool) -> "Flow[httpx.Response]":
        """Sends, and repeats after a pause what can be repeated without harm."""
        answer: httpx.Response
        for attempt in range(self._retries):
            asked: float | None = None
            try:
                answer = yield send
            except NetworkError as error:
                if not repeatable and not isinstance(error, NotSent):
                    raise
            else:
                asked = retry_after(answer)
                if not _is_passing(answer, repeatable=repeatable) or (asked or 0) > _LONGEST_PAUSE:
                    return answer
            yield Wait(_pause(attempt) if asked is None else asked)
        answer = yield send
        return answer


def _exclusively(part: "Flow[None]", *, alone: bool) -> "Flow[None]":
    if alone:
        yield from part
    else:
        yield Exclusively(part)


def _is_passing(answer: httpx.Response, *, repeatable: bool) -> bool:
    """Whether the same call may succeed soon. One over the limit of calls has done nothing."""
    if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
        return isinstance(_error(answer), RateLimited)
    passing = {
        httpx.codes.BAD_GATEWAY,
        httpx.codes.SERVICE_UNAVAILABLE,
        httpx.codes.GATEWAY_TIMEOUT,
    }
    return repeatable and answer.status_code in passing


def _error(answer: httpx.Response) -> ApiError | None:
    try:
        return error_of(answer)
    except NetworkError:
        return None


def _pause(attempt: int) -> float:
    """Seconds before the next attempt: twice as long each time, and never the same for all clients."""
    longest = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**attempt)
    return random.uniform(longest / 2, longest)  # noqa: S311 - spreads load, no secret


def _with(send: Send, token: str | None) -> Send:
    if token is None:
        return send
    headers = {**send.headers, "authorization": f"Bearer {token}"}
    return replace(send, headers=headers)

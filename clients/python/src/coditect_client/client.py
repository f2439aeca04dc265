"""The sync client."""

import json
import threading
import time
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx

from coditect_client.api.sync import Groups
from coditect_client.calls import Calls, Exclusively, Flow, Outcome, Send, Wait
from coditect_client.operation import Lines, Operation
from coditect_client.pages import Pages
from coditect_client.sending import DEFAULT_URL, SECONDS, THIS_MACHINE, arguments, failure, headers
from coditect_client.tokens import Credentials, Memory, TokenStore

Result = TypeVar("Result")
Item = TypeVar("Item")


class Client(Groups):
    """A connection to a server. Threads may share one; all calls of it have the same login.

    The groups of the API are attributes: `client.sessions.list_sessions()`. A call that brings tokens,
    such as `client.logins.login(…)`, logs the client in; later calls act as that user.

    Args:
        base_url: The URL of the server.
        token: A token that the client cannot renew, such as a personal access token or the key of a
            service account. None: the client logs in.
        store: Keeps the refresh token of the login. None: only the memory of this process.
        timeout: Seconds to wait for the network, in each step.
        retries: How often a call that can be repeated without harm is repeated.
        transport: Sends the requests instead of the network, for tests.
    """

    def __init__(
        self,
        base_url: str = DEFAULT_URL,
        *,
        token: str | None = None,
        store: TokenStore | None = None,
        timeout: float = SECONDS,
        retries: int = 2,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._http = httpx.Client(
            base_url=base_url,
            headers=headers(),
            timeout=timeout,
            transport=transport,
            mounts=dict.fromkeys(THIS_MACHINE),
        )
        self._calls = Calls(Credentials(token, Memory() if store is None else store), retries)
        self._lock = threading.Lock()
        super().__init__(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections. The login goes on; `logout` ends it."""
        self._http.close()

    @property
    def access_token(self) -> str | None:
        """The token of the last call, to show it elsewhere; None without a login."""
        return self._calls.credentials.access_token

    def refresh(self) -> None:
        """Renews the tokens of the login, as calls do by themselves when it is time.

        Raises:
            RefreshTokenInvalid: The login has ended.
            CoditectError: There is no login.
        """
        self._run(self._calls.refresh())

    def logout(self) -> None:
        """Ends the login at the server and here."""
        self._run(self._calls.logout())

    def call(
        self,
        operation: Operation[Result],
        *,
        path: Mapping[str, str] | None = None,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        key: str | None = None,
    ) -> Result:
        """Calls an operation. Raises `ApiError` or `NetworkError`."""
        data: Result = self._run(self._calls.call(operation, path or {}, query or {}, body, key))
        return data

    def pages(
        self,
        operation: Operation[Pages[Item]],
        *,
        path: Mapping[str, str] | None = None,
        query: Mapping[str, Any] | None = None,
    ) -> Pages[Item]:
        """A list of an operation; it is asked for when the program iterates."""
        given = dict(query or {})

        def read(token: str | None) -> Mapping[str, Any]:
            more = given if token is None else given | {"pageToken": token}
            page: Mapping[str, Any] = self._run(
                self._calls.call(operation, path or {}, more, None, None)
            )
            return page

        return Pages(read, operation.items, given.pop("pageToken", None))

    def download(
        self, operation: Operation[Any], *, path: Mapping[str, str] | None = None
    ) -> Iterator[dict[str, Any]]:
        """The objects of a download, line by line. Raises NetworkError if it breaks off."""
        answer = self._run(self._calls.download(operation, path or {}))
        lines = Lines()
        try:
            for piece in answer.iter_bytes():
                yield from map(json.loads, lines.add(piece))
            yield from map(json.loads, lines.end())
        except httpx.TransportError as error:
            raise failure(error) from error
        finally:
            answer.close()

    def _run(self, flow: Flow[Outcome]) -> Outcome:
        try:
            step = next(flow)
            while True:
                try:
                    outcome = self._do(step)
                except Exception as error:  # noqa: BLE001 - the flow decides
                    step = flow.throw(error)
                else:
                    step = flow.send(outcome)
        except StopIteration as stop:
            result: Outcome = stop.value
            return result

    def _do(self, step: Send | Wait | Exclusively) -> Any:
        match step:
            case Wait(seconds):
                return time.sleep(seconds)
            case Exclusively(part):
                with self._lock:
                    return self._run(part)
            case Send():
                return self._send(step)

    def _send(self, step: Send) -> httpx.Response:
        try:
            request = self._http.build_request(**arguments(step))
            answer = self._http.send(request, stream=step.streamed)
            if step.streamed and answer.is_error:
                answer.read()
        except httpx.TransportError as error:
            raise failure(error) from error
        return answer

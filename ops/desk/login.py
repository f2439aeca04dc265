"""The login of an operator: two factors, asked for at the terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

from ops.desk.api import Api, open_api
from ops.desk.failures import DeskFailed, LoginEnded, Refused
from ops.desk.state import Saved, State

Ask = Callable[[str], str]
"""Asks the person at the terminal, and does not show what is typed."""
_ASK_AGAIN = {"REAUTHENTICATION_REQUIRED"}
_ENDED = "REFRESH_TOKEN_INVALID"


class Desk:
    """The API, called by the operator who is logged in.

    Args:
        api: The API.
        token: The access token of the operator.
        ask: Asks for a code where a call needs a recent proof.
        keep: Keeps the refresh token of a login that took the place of the one before.
    """

    def __init__(self, api: Api, token: str, ask: Ask, keep: Callable[[str], None]) -> None:
        self._api = api
        self._token = token
        self._ask = ask
        self._keep = keep

    def call(self, method: str, path: str, **request: Any) -> Any:
        """The data of the answer. Asks for a code and calls again if a recent proof is missing."""
        try:
            return self._api.call(method, path, token=self._token, **request)
        except Refused as error:
            if error.code not in _ASK_AGAIN:
                raise
        self._prove()
        return self._api.call(method, path, token=self._token, **request)

    def download(self, path: str) -> Iterator[bytes]:
        """The pieces of a file; asks like `call`."""
        try:
            yield from self._api.download(path, token=self._token)
        except Refused as error:
            if error.code not in _ASK_AGAIN:
                raise
            self._prove()
            yield from self._api.download(path, token=self._token)

    def _prove(self) -> None:
        code = _code(self._ask("Code of your app, or a recovery code: "))
        data = self._api.call("POST", "/auth/reauthenticate", token=self._token, body=code)
        self._token = data["tokens"]["accessToken"]
        self._keep(data["tokens"]["refreshToken"])


class Credentials(NamedTuple):
    """What the operator types to log in."""

    email: str
    password: str


def log_in(state: State, url: str, credentials: Credentials, ask: Ask) -> None:
    """Logs in with two factors, and keeps the login. Raises `DeskFailed`."""
    with state.locked(), open_api(url) as api:
        before = state.read()
        device = before.device_token if before is not None and before.url == api.url else ""
        body = {"email": credentials.email, "password": credentials.password}
        if device:
            body["deviceToken"] = device
        data = api.call("POST", "/auth/login", body=body)
        if "challenge" not in data:
            raise DeskFailed("The account has no second factor, which an operator needs.")
        body = {"challengeToken": data["challenge"]["token"]}
        body |= _code(ask("Code of your app, or a recovery code: "))
        data = api.call("POST", "/auth/login/second-factor", body=body)
        saved = Saved(api.url, data["tokens"]["refreshToken"], data["deviceToken"])
        state.write(saved)


def log_out(state: State) -> None:
    """Ends the login, and forgets it, also one that has ended. Raises `DeskFailed`; then it is kept."""
    with suppress(LoginEnded), open_desk(state, _no_terminal) as desk:
        desk.call("POST", "/auth/logout")
    with state.locked():
        state.remove()


@contextmanager
def open_desk(state: State, ask: Ask) -> Iterator[Desk]:
    """The API, called by the operator who has logged in before. Raises `DeskFailed`."""
    with state.locked():
        saved = state.read()
        if saved is None:
            raise DeskFailed("You are not logged in: python -m ops login --url URL")
        with open_api(saved.url) as api:
            tokens = _refreshed(api, saved)
            saved = saved._replace(refresh_token=tokens["refreshToken"])
            state.write(saved)

            def keep(refresh_token: str) -> None:
                state.write(saved._replace(refresh_token=refresh_token))

            yield Desk(api, tokens["accessToken"], ask, keep)


def _refreshed(api: Api, saved: Saved) -> dict[str, str]:
    try:
        data = api.call("POST", "/auth/refresh", body={"refreshToken": saved.refresh_token})
    except Refused as error:
        if error.code != _ENDED:  # auth may be away: the login goes on
            raise
        raise LoginEnded from None
    tokens: dict[str, str] = data["tokens"]
    return tokens


def _code(typed: str) -> dict[str, str]:
    code = typed.strip()
    return {"code": code} if code.isdigit() else {"recoveryCode": code}


def _no_terminal(_: str) -> str:
    raise DeskFailed("This needs no code.")

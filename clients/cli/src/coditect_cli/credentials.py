"""What the command shows to the API: the tokens of a login, or CODITECT_TOKEN."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import httpx

from coditect_cli import discovery, files, known_servers, oauth, secret_stores, tokens, web
from coditect_cli.failures import Failure, Misuse, NotLoggedIn, Refused
from coditect_cli.secret_stores import SecretStore
from coditect_cli.tokens import Tokens
from coditect_cli.web import OAuthError

VARIABLE = "CODITECT_TOKEN"
_SOON = 60.0  # seconds: more than a call takes


class Credential(Protocol):
    """Gives access tokens for one server. `kind` says of what kind it is: `login` or `token`."""

    kind: str

    def token(self, seconds: float = _SOON) -> str:
        """A token that is good for so many seconds, as far as the server allows."""

    def after(self, refused: str) -> str | None:
        """The token to use instead of one that the server has refused, or None."""

    def tenant_id(self) -> str | None:
        """The tenant in which the token acts, if the command can tell."""

    def switch(self, tenant_id: str) -> None:
        """Acts in another tenant from now on."""


class GivenToken:
    """A personal token, or the key of a service account, in CODITECT_TOKEN."""

    kind = "token"

    def __init__(self, text: str) -> None:
        self._text = text

    def token(self, seconds: float = _SOON) -> str:  # noqa: ARG002 nothing renews it
        """The token as given."""
        return self._text

    def after(self, refused: str) -> str | None:  # noqa: ARG002 there is one
        """Nothing."""
        return None

    def tenant_id(self) -> str | None:
        """The tenant in a JWT; other tokens do not show theirs."""
        return _tenant_in(self._text)

    def switch(self, tenant_id: str) -> None:
        """Refuses: a personal token is for one tenant."""
        raise Misuse(
            f"The token in {VARIABLE} is for one tenant. Use another token for {tenant_id}."
        )


class SavedLogin:
    """The login that `coditect login` has saved.

    A refresh token is good for one use, and a second use ends the login. So one process at a time
    refreshes, and the others take what it has saved.
    """

    kind = "login"

    def __init__(self, client: httpx.Client, server: str, store: SecretStore) -> None:
        self._client = client
        self._server = server
        self._store = store

    def token(self, seconds: float = _SOON) -> str:
        """The access token, refreshed before it ends."""
        saved = self._load()
        if not saved.lasts(seconds):
            saved = self._renew(lambda now: now.lasts(seconds))
        return saved.access_token

    def after(self, refused: str) -> str | None:
        """The next access token."""
        return self._renew(lambda now: now.access_token not in {"", refused}).access_token

    def tenant_id(self) -> str | None:
        """The tenant of the access token."""
        return _tenant_in(self._load().access_token)

    def switch(self, tenant_id: str) -> None:
        """Refreshes for another tenant."""
        self._renew(lambda _: False, tenant_id)

    def end(self, *, tell_server: bool) -> None:
        """Revokes the login at the server unless told not to, and removes it here."""
        with files.locked(_lock(self._server)):
            saved = self._load()
            if tell_server:
                endpoints = discovery.discover(self._client, self._server)
                oauth.revoke(self._client, endpoints.revocation, saved.refresh_token)
            self._store.remove(self._server)

    def _load(self) -> Tokens:
        saved = self._store.load(self._server)
        if saved is None:
            raise _no_login(self._server)
        return saved

    def _renew(self, good: Callable[[Tokens], bool], tenant_id: str | None = None) -> Tokens:
        """Refreshes, unless another process has saved good tokens meanwhile."""
        with files.locked(_lock(self._server)):
            saved = self._load()
            if good(saved):
                return saved
            token_url = discovery.discover(self._client, self._server).token
            asked = tenant_id or saved.tenant_id
            try:
                new = oauth.refresh(self._client, token_url, saved.refresh_token, asked)
            except OAuthError as error:
                if error.code == "invalid_target" and tenant_id is None:
                    self._leave_tenant(token_url, saved)
                raise _refusal(error, self._server) from None
            self._store.save(self._server, new)
            return new

    def _leave_tenant(self, token_url: str, saved: Tokens) -> None:
        """Goes on without the tenant of a switch, for which the server gives no tokens any more.

        The command that finds this out fails, because it was meant for that tenant.
        """
        with suppress(OAuthError):
            new = oauth.refresh(self._client, token_url, saved.refresh_token, None)
            self._store.save(self._server, new)
            raise Refused(
                "You can no longer act in the tenant that you have switched to. Commands act in"
                " the tenant of the login now: run it again, or `coditect switch` before.",
                "invalid_target",
            )


def of(client: httpx.Client, server: str) -> Credential:
    """CODITECT_TOKEN, or else the saved login; raises NotLoggedIn if there is neither."""
    given = given_token()
    return GivenToken(given) if given else saved_login(client, server)


def saved_login(client: httpx.Client, server: str) -> SavedLogin:
    """The saved login at a server; raises NotLoggedIn if there is none."""
    known = known_servers.load().servers.get(server)
    if known is None:
        raise _no_login(server)
    return SavedLogin(client, server, secret_stores.named(known.store))


def save(server: str, new: Tokens, store: SecretStore) -> Tokens | None:
    """Saves the tokens of a new login; returns those of the login that it replaces.

    Those stay where they are if their store cannot be used, such as a keyring that is locked.
    """
    with files.locked(_lock(server)):
        known = known_servers.load().servers.get(server)
        former = secret_stores.named(known.store) if known else None
        replaced = None
        with suppress(Failure):
            replaced = former.load(server) if former else None
        store.save(server, new)
        with suppress(Failure):
            if former and former.name != store.name:
                former.remove(server)
        return replaced


def given_token() -> str | None:
    """The token in CODITECT_TOKEN; raises Misuse if it can be none."""
    text = os.environ.get(VARIABLE, "").strip()
    if not web.fits_a_header(text):
        raise Misuse(f"What {VARIABLE} has is no token.")
    return text or None


def _tenant_in(access_token: str) -> str | None:
    tenant_id = tokens.claims(access_token).get("tenant_id")
    return tenant_id if isinstance(tenant_id, str) else None


def _lock(server: str) -> Path:
    return secret_stores.path_of(server, ".lock")


def _no_login(server: str) -> NotLoggedIn:
    return NotLoggedIn(f"There is no login at {server}: run `coditect login --server {server}`.")


def _refusal(error: OAuthError, server: str) -> NotLoggedIn | Refused:
    if error.code == "invalid_grant":
        message = f"The login at {server} has ended: run `coditect login --server {server}`."
        return NotLoggedIn(message, error.code, error.request_id)
    return Refused(error.message, error.code, error.request_id)

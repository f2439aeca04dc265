"""`login`, `logout`, `whoami` and `token`."""

from contextlib import suppress
from typing import Annotated

import httpx
import typer

from coditect_cli import (
    browser,
    credentials,
    device_login,
    discovery,
    known_servers,
    oauth,
    output,
    product,
    secret_stores,
    web,
)
from coditect_cli.failures import Failure, Misuse, Refused
from coditect_cli.known_servers import KnownServer
from coditect_cli.options import AsJson, Server
from coditect_cli.output import Json
from coditect_cli.product import Product
from coditect_cli.secret_stores import SecretStore
from coditect_cli.tokens import Tokens


def login(
    server: Server = None,
    as_json: AsJson = False,
    scopes: Annotated[
        str, typer.Option("--scopes", help="What to ask for, separated by spaces.")
    ] = oauth.SCOPES,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Do not open a browser, only print the URL.")
    ] = False,
    no_keyring: Annotated[
        bool, typer.Option("--no-keyring", help="Save the login in a file, not in the keyring.")
    ] = False,
) -> None:
    """Log in: print a URL and a code, and wait until you have let this command in there."""
    _without_given_token()
    url = product.chosen_server(server)
    with web.open_client() as client:
        endpoints = discovery.discover(client, url)
        code = device_login.begin(client, endpoints, scopes)
        _show(code, open_browser=not no_browser)
        new = device_login.wait(client, endpoints, code)
        store = _save(url, new, secret_stores.FileStore() if no_keyring else secret_stores.best())
        known_servers.remember(url, KnownServer("", store.name))
        user = _user(Product(client, url, credentials.saved_login(client, url)))
        known_servers.remember(url, KnownServer(str((user or {}).get("email", "")), store.name))
    answer = {"server": url, "user": user, "store": store.name}
    name = f" as {user.get('email')}" if user else ""
    output.result(answer, output.plain(f"Logged in to {url}{name}."))


def _user(connected: Product) -> Json | None:
    """The user, unless the scopes that were asked for do not show them."""
    try:
        return connected.get("/auth/me")
    except Refused:
        return None


def _show(code: device_login.DeviceCode, *, open_browser: bool) -> None:
    """Tells the person where to go, and with what."""
    output.note(f"Open {output.plain(code.url)}")
    output.note(f"and enter the code {output.plain(code.user_code)}")
    if open_browser and browser.open_page(code.complete_url or code.url):
        output.note("It is open in your browser. Compare the code before you approve.")
    output.note("Waiting; Ctrl-C ends it.")


def _save(server: str, new: Tokens, store: SecretStore) -> SecretStore:
    """Saves a new login and ends the one it replaces; a keyring that fails gives way to the file."""
    try:
        replaced = credentials.save(server, new, store)
    except Failure as failed:
        if store.name == secret_stores.FileStore.name:
            raise
        output.note(f"{failed.message} The login is saved in a file.")
        return _save(server, new, secret_stores.FileStore())
    if replaced and replaced.refresh_token != new.refresh_token:
        with suppress(Failure), web.open_client() as client:
            _revoke(client, server, replaced)
    return store


def _revoke(client: httpx.Client, server: str, replaced: Tokens) -> None:
    endpoints = discovery.discover(client, server)
    oauth.revoke(client, endpoints.revocation, replaced.refresh_token)


def logout(
    server: Server = None,
    as_json: AsJson = False,
    local: Annotated[
        bool, typer.Option("--local", help="Only remove the login here; the server keeps it.")
    ] = False,
) -> None:
    """Log out: end the login at the server, and remove it here."""
    _without_given_token()
    url = product.chosen_server(server)
    with web.open_client() as client:
        credentials.saved_login(client, url).end(tell_server=not local)
    known_servers.forget(url)
    output.result({"server": url, "revoked": not local}, f"Logged out of {url}.")


def whoami(server: Server = None, as_json: AsJson = False) -> None:
    """Show the user, the server and the active tenant."""
    with product.connect(server) as connected:
        user = connected.get("/auth/me")
        tenant_id = connected.credential.tenant_id()
        tenant = connected.get(f"/tenants/{tenant_id}") if tenant_id else None
    answer = {
        "server": connected.server,
        "credential": connected.credential.kind,
        "user": user,
        "tenant": tenant,
    }
    where = f" in {tenant.get('slug')} ({tenant.get('role')})" if tenant else ""
    output.result(answer, output.plain(f"{user.get('email')}{where} at {connected.server}"))


def token(server: Server = None, as_json: AsJson = False) -> None:
    """Print an access token for scripts, good for some minutes. Keep it secret."""
    with product.connect(server) as connected:
        text = connected.credential.token(seconds=300)
    output.result({"server": connected.server, "token": text}, text)


def _without_given_token() -> None:
    if credentials.given_token():
        raise Misuse(
            f"{credentials.VARIABLE} is set and takes the place of a login: unset it first."
        )


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""
    for command in (login, logout, whoami, token):
        app.command()(command)

"""`servers`: the servers with a login."""

from typing import Annotated

import typer

from coditect_cli import known_servers, output, web
from coditect_cli.failures import NotLoggedIn
from coditect_cli.options import AsJson

app = typer.Typer(name="servers", help="Servers with a login.", no_args_is_help=True)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the servers with a login; `*` marks the current one."""
    known = known_servers.load()
    servers = [
        {"server": url, "email": one.email, "store": one.store, "current": url == known.current}
        for url, one in sorted(known.servers.items())
    ]
    rows = [
        ("*" if one["current"] else "", str(one["server"]), str(one["email"]), str(one["store"]))
        for one in servers
    ]
    output.result({"servers": servers}, output.table(("", "SERVER", "EMAIL", "STORE"), rows))


@app.command("use")
def use(
    server: Annotated[str, typer.Argument(metavar="URL", help="A server with a login.")],
    as_json: AsJson = False,
) -> None:
    """Make a server the one that commands use."""
    url = web.server_url(server)
    if not known_servers.choose(url):
        raise NotLoggedIn(f"There is no login at {url}: run `coditect login --server {url}`.")
    output.result({"server": url}, f"Commands use {url} now.")

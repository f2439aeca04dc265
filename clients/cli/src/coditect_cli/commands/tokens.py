"""`tokens`: the user's personal access tokens."""

from typing import Annotated

import typer

from coditect_cli import output, product
from coditect_cli.failures import Misuse, Refused
from coditect_cli.options import AsJson, Server

app = typer.Typer(name="tokens", help="Personal access tokens.", no_args_is_help=True)


@app.command("list")
def list_(server: Server = None, as_json: AsJson = False) -> None:
    """List your personal tokens. Their secrets were shown once, when they were made."""
    with product.connect(server) as connected:
        found = list(connected.every("/auth/tokens", "personalAccessTokens"))
    rows = [
        (
            one["tokenId"],
            one["name"],
            " ".join(one["scopes"]),
            str(one.get("expireTime", "")),
            str(one.get("lastUsedTime", "")),
        )
        for one in found
    ]
    heads = ("ID", "NAME", "SCOPES", "ENDS", "LAST USED")
    output.result({"tokens": found}, output.table(heads, rows))


@app.command()
def create(server: Server = None, as_json: AsJson = False) -> None:
    """Say where a personal token is made: this command may not make one."""
    url = product.chosen_server(server)
    raise Refused(
        "A program cannot make personal tokens, so that a stolen one makes no others."
        f" Make one where you are logged in yourself, or with POST {url}/api/v5/auth/tokens.",
        "SCOPE_MISSING",
    )


@app.command()
def revoke(
    token_ids: Annotated[list[str], typer.Argument(metavar="ID...", help="The ids of tokens.")],
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """Revoke personal tokens. They are refused at once."""
    for one in token_ids:
        if not all(character.isalnum() or character == "-" for character in one):
            raise Misuse(
                "A token is named by its id, never by the token itself: see `tokens list`."
            )
    with product.connect(server) as connected:
        for one in token_ids:
            connected.write("DELETE", f"/auth/tokens/{one}")
    output.result({"revoked": token_ids}, "")

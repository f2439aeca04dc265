"""The command and its parts."""

import sys
from typing import Annotated

import typer

from coditect_cli import VERSION, output
from coditect_cli.commands import account, servers, sessions, tenants, tokens
from coditect_cli.failures import Failure

app = typer.Typer(
    name="coditect",
    help="Works with the Coditect IDE platform: logs in, switches tenants, opens sessions.",
    epilog="Exit codes: 1 refused, 2 called wrongly, 3 not logged in, 4 server not available.",
    no_args_is_help=True,
    rich_markup_mode=None,  # one line for an error, and none of it in a box
    pretty_exceptions_enable=False,  # these print the values of variables
    context_settings={"help_option_names": ["-h", "--help"]},
)
account.add_to(app)
tenants.add_to(app)
app.add_typer(sessions.app)
app.add_typer(tokens.app)
app.add_typer(servers.app)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"coditect {VERSION}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Works with the Coditect IDE platform: logs in, switches tenants, opens sessions."""


def run() -> None:
    """Runs the command with the arguments of the process."""
    try:
        app()
    except Failure as failed:
        output.failure(failed)
        sys.exit(failed.exit_code)

"""Options that commands share."""

from typing import Annotated

import typer

from coditect_cli import output

Server = Annotated[
    str | None,
    typer.Option(
        "--server",
        envvar="CODITECT_SERVER",
        metavar="URL",
        help="The server. Without it: the one of the last login, or http://localhost:8080.",
    ),
]
AsJson = Annotated[
    bool,
    typer.Option("--json", callback=output.choose_json, help="Print JSON, also for an error."),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]

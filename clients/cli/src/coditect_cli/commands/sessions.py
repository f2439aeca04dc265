"""`sessions`: the workspace sessions in the active tenant."""

from typing import Annotated

import typer

from coditect_cli import output, product
from coditect_cli.failures import Misuse
from coditect_cli.options import AsJson, Server, Yes
from coditect_cli.output import Json

app = typer.Typer(name="sessions", help="Workspace sessions.", no_args_is_help=True)
SessionId = Annotated[str, typer.Argument(metavar="ID", help="The id of a session.")]
_COLUMNS = ("sessionId", "name", "workspacePath", "lastActiveTime")


@app.command("list")
def list_(
    server: Server = None,
    as_json: AsJson = False,
    everybody: Annotated[
        bool, typer.Option("--tenant", help="All sessions in the tenant, for its admins.")
    ] = False,
) -> None:
    """List your sessions in the active tenant, the last active first."""
    scope = "tenant" if everybody else "mine"
    with product.connect(server) as connected:
        found = list(connected.every("/sessions", "sessions", scope=scope))
    rows = [[str(one[name]) for name in _COLUMNS] for one in found]
    output.result({"sessions": found}, output.table(("ID", "NAME", "PATH", "LAST ACTIVE"), rows))


@app.command("open")
def open_(
    name: Annotated[str, typer.Argument(help="Its display name.")] = "",
    path: Annotated[str, typer.Option("--path", help="The path of the workspace.")] = "",
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """Open a session, and print its id."""
    body = {"name": name, "workspacePath": path}
    with product.connect(server) as connected:
        opened = connected.write("POST", "/sessions", body)
    output.result({"session": opened}, opened["sessionId"])


@app.command()
def show(session: SessionId, server: Server = None, as_json: AsJson = False) -> None:
    """Show a session."""
    with product.connect(server) as connected:
        found = connected.get(_path(session))
    output.result({"session": found}, _lines(found))


@app.command()
def rename(
    session: SessionId,
    name: Annotated[str, typer.Argument(help="Its new name.")],
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """Give a session another name."""
    with product.connect(server) as connected:
        changed = connected.write("PATCH", _path(session), {"name": name})
    output.result({"session": changed}, _lines(changed))


@app.command()
def end(
    sessions: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]...", help="The ids of sessions.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="All your sessions in the active tenant.")
    ] = False,
    yes: Yes = False,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """End sessions. What they keep is deleted."""
    if bool(sessions) == everything:
        raise Misuse("Name sessions, or say --all.")
    if everything and not yes:
        _confirm("End all your sessions in the active tenant?")
    paths = ["/sessions"] if everything else [_path(one) for one in sessions or ()]
    with product.connect(server) as connected:
        for path in paths:
            connected.write("DELETE", path)
    output.result({"ended": sessions or []} | {"all": everything}, "")


def _confirm(question: str) -> None:
    if not output.has_terminal():
        raise Misuse("There is no terminal to ask in: say --yes.")
    typer.confirm(question, abort=True, err=True)


def _path(session: str) -> str:
    """The path of a session; what a person types is no path itself."""
    if not session or not all(one.isalnum() or one == "-" for one in session):
        raise Misuse("A session has an id such as 84df8412-f3c6-57b0-a6fd-8e6103af76ee.")
    return f"/sessions/{session}"


def _lines(session: Json) -> str:
    fields = ("sessionId", "name", "workspacePath", "createTime", "lastActiveTime", "expireTime")
    return output.table(("FIELD", "VALUE"), [(name, str(session[name])) for name in fields])

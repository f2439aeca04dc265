"""The commands of the desk on the command line."""

import argparse
import getpass
import shutil
import sys
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias
from uuid import UUID

from ops.desk import login, state
from ops.desk.failures import DeskFailed
from ops.desk.login import Credentials, Desk
from ops.desk.output import printable, show
from ops.desk.verbs import TENANT_VERBS, TENANTS, USER_VERBS, USERS, Verb

Options: TypeAlias = argparse.Namespace
Find: TypeAlias = Callable[[Desk, str], str]
"""Finds the id of what the operator names."""

_OK, _FAILED = 0, 1
_PAGE = "200"


def register(subparsers: Any) -> None:
    """Adds the commands of the desk."""
    parser = subparsers.add_parser("login", help="log in to the API as an operator")
    parser.add_argument("--url", required=True, help="the URL of the gateway")
    parser.add_argument("--email", help="the address of your account (default: asks)")
    parser.set_defaults(run=_safely(_log_in))
    parser = subparsers.add_parser("logout", help="end the login of the operator")
    parser.set_defaults(run=_safely(_log_out))
    _add_kind(subparsers, "users", "USER", "an id or an address", USERS, USER_VERBS, _user_id)
    _add_kind(subparsers, "tenants", "TENANT", "an id or a slug", TENANTS, TENANT_VERBS, _tenant_id)
    parser = subparsers.add_parser("log", help="list the operator log, the newest first")
    _add_output(parser)
    parser.set_defaults(run=_safely(_list("/operator/log", "acts")))


def _add_kind(
    subparsers: Any,
    kind: str,
    argument: str,
    named_by: str,
    path: str,
    verbs: tuple[Verb, ...],
    find: Find,
) -> None:
    """Adds the command of a kind, with its verbs."""
    below = subparsers.add_parser(kind, help=f"look at {kind}, and act on them")
    commands = below.add_subparsers(required=True, metavar="VERB")
    parser = commands.add_parser("list", help=f"list all {kind}")
    _add_output(parser)
    parser.set_defaults(run=_safely(_list(path, kind)))
    for verb in verbs:
        parser = commands.add_parser(verb.name, help=verb.help)
        parser.add_argument("named", metavar=argument, help=named_by)
        for field in verb.fields:
            parser.add_argument(field, metavar=field.upper())
        for flag in verb.flags:
            parser.add_argument(f"--{flag}", action="store_true", help=f"and its {flag}")
        if verb.reason:
            parser.add_argument("--reason", required=True, help="why, for the operator log")
        _add_output(parser)
        parser.set_defaults(run=_safely(_act(path, verb, find)))
    if kind == "users":
        parser = commands.add_parser("export", help="write all data of a user to standard output")
        parser.add_argument("named", metavar=argument, help=named_by)
        parser.set_defaults(run=_safely(_export))


def _add_output(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="a JSON object per line")


def _safely(command: Callable[[Options], None]) -> Callable[[Options], int]:
    """The command with an exit code: 0, or 1 with a line that says why."""

    def run(options: Options) -> int:
        try:
            command(options)
        except DeskFailed as error:
            lines = map(printable, str(error).split("\n"))
            sys.stderr.write("ops: " + "\n".join(lines) + "\n")
            return _FAILED
        return _OK

    return run


def _log_in(options: Options) -> None:
    email = options.email or input("Email: ")
    credentials = Credentials(email.strip(), getpass.getpass("Password: "))
    login.log_in(_state(), options.url, credentials, getpass.getpass)
    sys.stdout.write("You are logged in.\n")


def _log_out(_: Options) -> None:
    login.log_out(_state())
    sys.stdout.write("You are logged out.\n")


def _list(path: str, items: str) -> Callable[[Options], None]:
    def run(options: Options) -> None:
        with login.open_desk(_state(), getpass.getpass) as desk:
            _show_pages(desk, path, items, as_json=options.json)

    return run


def _act(path: str, verb: Verb, find: Find) -> Callable[[Options], None]:
    def run(options: Options) -> None:
        with login.open_desk(_state(), getpass.getpass) as desk:
            target = f"{path}/{find(desk, options.named)}{verb.path}"
            if verb.items:
                _show_pages(desk, target, verb.items, as_json=options.json)
                return
            body = {name: getattr(options, name) for name in (*verb.fields, *verb.flags)}
            if "userId" in body:
                body["userId"] = _user_id(desk, body["userId"])
            if verb.reason:
                body["reason"] = options.reason
            data = desk.call(verb.method, target, body=body or None)
            if data:
                show(data, as_json=options.json)
            elif not options.json:
                sys.stdout.write("Done.\n")

    return run


def _export(options: Options) -> None:
    with login.open_desk(_state(), getpass.getpass) as desk:
        for piece in desk.download(f"{USERS}/{_user_id(desk, options.named)}/export"):
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()


def _show_pages(desk: Desk, path: str, items: str, *, as_json: bool) -> None:
    """Shows a list, page by page, each item with a line between people's texts."""
    for number, item in enumerate(_items(desk, path, items)):
        if number and not as_json:
            sys.stdout.write("─" * min(40, shutil.get_terminal_size().columns) + "\n")
        show(item, as_json=as_json)


def _items(desk: Desk, path: str, items: str) -> Iterator[dict[str, Any]]:
    token = ""
    while True:
        page = desk.call("GET", path, query={"pageSize": _PAGE, "pageToken": token})
        yield from page[items]
        token = page.get("nextPageToken", "")
        if not token:
            return


def _user_id(desk: Desk, named: str) -> str:
    """The id of a user who is named by id or address."""
    if _is_id(named):
        return named
    found = desk.call("GET", USERS, query={"email": named})["users"]
    if not found:
        raise DeskFailed(f"There is no user with the address {named}.")
    user_id: str = found[0]["userId"]
    return user_id


def _tenant_id(desk: Desk, named: str) -> str:
    """The id of a tenant that is named by id or slug."""
    if _is_id(named):
        return named
    found = desk.call("GET", TENANTS, query={"slug": named})["tenants"]
    if not found:
        raise DeskFailed(f"There is no organization with the slug {named}.")
    tenant_id: str = found[0]["tenantId"]
    return tenant_id


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False


def _state() -> state.State:
    return state.State(state.folder())

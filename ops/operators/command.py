"""The commands `operators grant`, `revoke` and `list`.

Exit code 0: done; 1: refused, and a line says why; 2: the store cannot be used.
"""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from kernel.clock import SystemClock
from kernel.errors import ServiceError
from kernel.storage import LimitExceeded, StoreOpenFailed
from ops.stores import add_store, opened
from services.auth.operators.errors import NotGranted
from services.auth.operators.granting import Granting

DONE, REFUSED, UNUSABLE = 0, 1, 2

Options: TypeAlias = argparse.Namespace
Command: TypeAlias = Callable[[Granting, Options], Awaitable[None]]


def register(subparsers: Any) -> None:
    """Adds the commands."""
    below = subparsers.add_parser("operators", help="make users operators, and take that back")
    commands = below.add_subparsers(required=True, metavar="COMMAND")
    parser = commands.add_parser("grant", help="make a user an operator")
    parser.add_argument("email", metavar="EMAIL", help="the address of the user")
    _finish(parser, _grant)
    parser = commands.add_parser(
        "revoke", help="make an operator a user like any other, and end all logins of that user"
    )
    parser.add_argument("email", metavar="EMAIL", help="the address of the operator")
    parser.add_argument("--last", action="store_true", help="also the last operator")
    _finish(parser, _revoke)
    parser = commands.add_parser("list", help="list the operators")
    _finish(parser, _list)


def _finish(parser: argparse.ArgumentParser, command: Command) -> None:
    add_store(parser)
    parser.set_defaults(run=lambda options: _run(command, options))


def _run(command: Command, options: Options) -> int:
    try:
        asyncio.run(_with_store(command, options))
    except NotGranted as error:
        return _failed(str(error), REFUSED)
    except (StoreOpenFailed, LimitExceeded) as error:
        return _failed(str(error), UNUSABLE)
    except ServiceError as error:
        return _failed(f"{error.message} ({error.__cause__ or error.reason})", UNUSABLE)
    return DONE


async def _with_store(command: Command, options: Options) -> None:
    async with opened(options.store) as store:
        await command(Granting(store, SystemClock()), options)


async def _grant(granting: Granting, options: Options) -> None:
    user = await granting.grant(options.email)
    _say(f"{user.email} is an operator from the next login on.")


async def _revoke(granting: Granting, options: Options) -> None:
    user = await granting.revoke(options.email, also_last=options.last)
    _say(f"{user.email} is no operator any more, and is logged out everywhere.")


async def _list(granting: Granting, _: Options) -> None:
    for operator, user in await granting.list():
        _say(f"{user.email}\t{user.user_id}\tsince {operator.grant_time:%Y-%m-%d}")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def _failed(text: str, code: int) -> int:
    sys.stderr.write(f"operators: {text}\n")
    return code

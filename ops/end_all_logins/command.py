"""The command line of `end-all-logins`."""

import argparse
import asyncio
import sys
import time
from typing import Any

from kernel.clock import SystemClock
from kernel.errors import ServiceError
from kernel.storage import LimitExceeded, Store, StoreOpenFailed
from ops.end_all_logins.ending import Scope, count, end_access_tokens, end_all
from ops.stores import add_store, opened
from services.auth.operator_log.model import Act, OperatorAct
from services.auth.operators.granting import COMMAND

DONE, REFUSED, UNREADABLE = 0, 1, 2
_WORD = "end all logins"
_REASON = 500
_EPILOG = """
Ends at once, in every service: all access tokens, all logins and logins of programs, all workspace
tokens, and all personal access tokens. Every user logs in again, every program asks its user again.
Passwords, second factors, sessions and data stay. Service accounts go on with their keys.

It is good to repeat: a run that was interrupted goes on with what is left.
Exit code 0: done; 1: not confirmed, nothing was changed; 2: the store cannot be used.
"""


def register(subparsers: Any) -> None:
    """Adds the verb to the command line of `python -m ops`."""
    parser = subparsers.add_parser(
        "end-all-logins",
        help="end every login and token, after a leak",
        description="Ends every login and token, after a leak. Needs the store, and no service.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_store(parser)
    parser.add_argument("--keep-tokens", action="store_true", help="keep personal access tokens")
    parser.add_argument(
        "--programs", action="store_true",
        help="also end all keys of service accounts; admins make new ones",
    )  # fmt: skip
    parser.add_argument(
        "--only-access-tokens", action="store_true",
        help="end access tokens alone: clients refresh theirs, and no user logs in again",
    )  # fmt: skip
    parser.add_argument(
        "--dry-run", action="store_true", help="count what would end, and end nothing"
    )
    parser.add_argument(
        "--confirm", metavar="WORDS", help=f"{_WORD!r}, in place of the question on the terminal"
    )
    parser.add_argument(
        "--reason", metavar="TEXT", type=_reason, default="",
        help=f"why, for the operator log; {_REASON} characters at most",
    )  # fmt: skip
    parser.set_defaults(run=run)


def _reason(text: str) -> str:
    if len(text) > _REASON:
        raise argparse.ArgumentTypeError(f"{_REASON} characters at most")
    return text


def run(options: argparse.Namespace) -> int:
    """Runs the command; returns the exit code."""
    try:
        return asyncio.run(_run(options))
    except (StoreOpenFailed, LimitExceeded) as error:
        return _failed(str(error))
    except ServiceError as error:
        return _failed(f"{error.message} ({error.__cause__ or error.reason})")
    except KeyboardInterrupt:
        return _failed("interrupted: run it again")


async def _run(options: argparse.Namespace) -> int:
    everything = not options.only_access_tokens
    scope = Scope.of(
        logins=everything,
        personal_tokens=everything and not options.keep_tokens,
        account_keys=everything and options.programs,
    )
    async with opened(options.store) as store:
        if options.dry_run:
            return await _count(store, scope)
        if not _is_confirmed(options.confirm):
            return REFUSED
        return await _end(store, scope, options.reason)


async def _count(store: Store, scope: Scope) -> int:
    _say("would end: all access tokens")
    for kind in scope.kinds:
        number = await count(store, kind, lambda _: None)
        _say(f"would end: {number:,} {kind.name}")
    return DONE


def _is_confirmed(given: str | None) -> bool:
    if given is None and sys.stdin.isatty():
        sys.stdout.write(f"To log out every user, type: {_WORD}\n> ")
        sys.stdout.flush()
        given = sys.stdin.readline().strip()
    if given == _WORD:
        return True
    sys.stderr.write(f'end-all-logins: not confirmed: give --confirm "{_WORD}"\n')
    return False


async def _end(store: Store, scope: Scope, reason: str) -> int:
    began = time.monotonic()
    kind_of_act = Act.LOGINS_ENDED if scope.kinds else Act.ACCESS_TOKENS_ENDED
    act = OperatorAct(SystemClock().now(), None, kind_of_act, COMMAND, reason=reason)
    if scope.kinds:
        await end_all(store, scope, act, lambda number: _say(f"{number:,} rows removed"))
    else:
        await end_access_tokens(store, act)
    for kind in scope.kinds:
        _say(f"ended: {kind.name}")
    _say(f"ended: all access tokens, after {time.monotonic() - began:.1f} s")
    return DONE


def _say(text: str) -> None:
    sys.stdout.write(f"end-all-logins: {text}\n")
    sys.stdout.flush()


def _failed(text: str) -> int:
    sys.stderr.write(f"end-all-logins: {text}\n")
    return UNREADABLE

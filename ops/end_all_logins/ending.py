"""Ends logins and tokens in the store.

No revocation is written for them: those name a login or a user, and there may be millions. All access
tokens end with the keys that signed them, which takes no longer for a million than for one. What else
gives access is removed in the same transaction, so no access token is made from it afterwards.

A cluster removes a range of keys at once. The embedded store cannot, so with very many rows it takes
several transactions: the first one removes the keys, and the last one again, for the access tokens that
were made meanwhile. A run that was interrupted is repeated, and goes on with what is left.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from kernel.storage import LimitExceeded, Read, Store, Write
from kernel.storage.limits import RANGE_ROWS
from kernel.storage.recipes.table import Table
from services.auth.logins.repository import LOGINS
from services.auth.operator_log import repository as operator_log
from services.auth.operator_log.model import Act, OperatorAct
from services.auth.personal_access_tokens.repository import PERSONAL_ACCESS_TOKENS
from services.auth.service_accounts.repository import SERVICE_ACCOUNT_KEYS
from services.auth.signing_keys.repository import remove_signing_keys
from services.auth.workspace_tokens.repository import WORKSPACE_TOKENS

_AT_ONCE = 2_000


class Kind(NamedTuple):
    """One kind of what gives access."""

    name: str
    table: Table[Any]


LOGIN = Kind("logins, those of programs included", LOGINS)
WORKSPACE_TOKEN = Kind("workspace tokens", WORKSPACE_TOKENS)
PERSONAL_TOKEN = Kind("personal access tokens", PERSONAL_ACCESS_TOKENS)
ACCOUNT_KEY = Kind("keys of service accounts", SERVICE_ACCOUNT_KEYS)


@dataclass(frozen=True)
class Scope:
    """What ends besides the access tokens."""

    kinds: Sequence[Kind]

    @classmethod
    def of(cls, *, logins: bool, personal_tokens: bool, account_keys: bool) -> "Scope":
        """The scope with these kinds."""
        kinds = [LOGIN, WORKSPACE_TOKEN] if logins else []
        kinds += [PERSONAL_TOKEN] if personal_tokens else []
        return cls([*kinds, ACCOUNT_KEY] if account_keys else kinds)


async def count(store: Store, kind: Kind, told: Callable[[int], None]) -> int:
    """Counts what there is of a kind, in many short transactions."""
    begin, end = kind.table.family.range()
    number, full = 0, True
    while full:

        async def read(tx: Read, begin: bytes = begin) -> list[tuple[bytes, bytes]]:
            return await tx.get_range(begin, end, limit=RANGE_ROWS)

        rows = await store.read(read)
        number += len(rows)
        told(number)
        full = len(rows) == RANGE_ROWS
        begin = rows[-1][0] + b"\0" if rows else end
    return number


async def end_all(
    store: Store, scope: Scope, act: OperatorAct, told: Callable[[int], None]
) -> None:
    """Ends all access tokens, and all that is in the scope.

    Args:
        store: The store.
        scope: What ends besides.
        act: What the operator log says of it.
        told: Is called with the number of rows so far, if it takes several transactions.
    """

    async def at_once(tx: Write) -> None:
        for kind in scope.kinds:
            kind.table.clear_all(tx)
        remove_signing_keys(tx)
        operator_log.append(tx, act)

    try:
        await store.write(at_once, essential=True)
    except LimitExceeded:
        # Noted at once: a run that is interrupted has done this much.
        await end_access_tokens(store, replace(act, act=Act.ACCESS_TOKENS_ENDED))
        await _remove_in_parts(store, scope, told)
        await store.write(at_once, essential=True)


async def end_access_tokens(store: Store, act: OperatorAct) -> None:
    """Ends all access tokens; logins get others.

    Args:
        store: The store.
        act: What the operator log says of it.
    """

    async def remove(tx: Write) -> None:
        remove_signing_keys(tx)
        operator_log.append(tx, act)

    await store.write(remove, essential=True)


async def _remove_in_parts(store: Store, scope: Scope, told: Callable[[int], None]) -> None:
    removed = 0
    for kind in scope.kinds:

        async def remove(tx: Write, table: Table[Any] = kind.table) -> int:
            return await table.clear_some(tx, limit=_AT_ONCE)

        while found := await store.write(remove, essential=True):
            removed += found
            told(removed)

"""better-auth: rows of its table `user`, one JSON object per line, with the password of `account`.

    select row_to_json(one) from (select u.*, (select a.password from account a
    where a."userId" = u.id and a."providerId" = 'credential') as password from "user" u) one

Takes scrypt passwords (`salt:key` in hexadecimal), and those that were imported there as bcrypt. Its
ids are kept if they are UUIDs. The secrets of its authenticator apps are encrypted, so they stay behind.
Users who are banned are disabled.
"""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any, BinaryIO
from uuid import UUID

from ops.converting.values import NotConverted, Record, names, objects, time, without_empty


def convert(file: BinaryIO, rp_id: str) -> Iterator[dict[str, Any] | NotConverted]:  # noqa: ARG001 - of all sources
    """The users of rows."""
    for record in objects(file):
        try:
            yield _user(record)
        except NotConverted as problem:
            yield problem


def _user(record: Record) -> dict[str, Any]:
    if not record.get("email"):
        raise NotConverted("A user without an address.")
    return {
        "kind": "user",
        **without_empty(
            id=_id(record.get("id")),
            email=record["email"],
            **names(record, "", "", "name"),
            emailVerified=record.get("emailVerified"),
            disabled=record.get("banned"),
            createTime=time(record.get("createdAt")),
            passwordHash=record.get("password"),
        ),
    }


def _id(value: Any) -> str | None:
    with suppress(ValueError):
        return str(UUID(str(value)))
    return None

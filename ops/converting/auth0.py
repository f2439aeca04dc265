"""Auth0: users as NDJSON or an array, with the password hashes that Auth0's support exports.

That export has `passwordHash`, the schema of Auth0's own imports `password_hash`. Takes bcrypt, and
authenticator apps (`mfa_factors`). Users who are blocked are disabled. Leaves out users of another
connection than Auth0's own database.
"""

from collections.abc import Iterator
from typing import Any, BinaryIO

from ops.converting.values import NotConverted, Record, names, objects, time, without_empty

_DATABASE = "auth0|"


def convert(file: BinaryIO, rp_id: str) -> Iterator[dict[str, Any] | NotConverted]:  # noqa: ARG001 - of all sources
    """The users of a file. Their ids are no UUIDs, so each gets a new one."""
    for record in objects(file):
        try:
            yield _user(record)
        except NotConverted as problem:
            yield problem


def _user(record: Record) -> dict[str, Any]:
    user_id = str(record.get("user_id") or _DATABASE)
    if "|" in user_id and not user_id.startswith(_DATABASE):
        raise NotConverted("A user of another connection.")
    if not record.get("email"):
        raise NotConverted("A user without an address.")
    return {
        "kind": "user",
        **without_empty(
            email=record["email"],
            **names(record, "given_name", "family_name", "name"),
            emailVerified=record.get("email_verified"),
            disabled=record.get("blocked"),
            createTime=_created(record.get("created_at")),
            passwordHash=record.get("passwordHash") or record.get("password_hash"),
            factors=list(_apps(record.get("mfa_factors") or [])),
        ),
    }


def _created(value: Any) -> str | None:
    """A time, which may be in MongoDB's form."""
    return time(value.get("$date") if isinstance(value, dict) else value)


def _apps(factors: list[Record]) -> Iterator[dict[str, Any]]:
    for one in factors:
        if "totp" in one:
            yield {"kind": "totp", "secret": one["totp"]["secret"]}

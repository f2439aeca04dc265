"""Supabase Auth: rows of `auth.users`, one JSON object per line, with their factors.

    select row_to_json(one) from (select u.*, (select json_agg(f) from auth.mfa_factors f
    where f.user_id = u.id) as factors from auth.users u) one

Takes bcrypt and Argon2 passwords, those that Supabase has from Firebase, and authenticator apps. Users
who are banned are disabled. Leaves out users who are deleted, anonymous or of single sign-on, or have no
address.
"""

from collections.abc import Iterator
from typing import Any, BinaryIO

from ops.converting.values import NotConverted, Record, names, objects, time, without_empty


def convert(file: BinaryIO, rp_id: str) -> Iterator[dict[str, Any] | NotConverted]:  # noqa: ARG001 - of all sources
    """The users of rows."""
    for record in objects(file):
        try:
            yield _user(record)
        except NotConverted as problem:
            yield problem


def _user(record: Record) -> dict[str, Any]:
    if not record.get("email") or record.get("is_anonymous") or record.get("is_sso_user"):
        raise NotConverted("A user without an address, or of single sign-on.")
    if record.get("deleted_at"):
        raise NotConverted("A user who is deleted.")
    profile = record.get("raw_user_meta_data") or {}
    proved = record.get("email_confirmed_at")
    apps = [_app(one) for one in record.get("factors") or [] if _is_app(one)]
    return {
        "kind": "user",
        **without_empty(
            id=record["id"],
            email=record["email"],
            **names(profile, "first_name", "last_name", "full_name"),
            emailVerified=proved is not None,
            emailVerifyTime=time(proved),
            disabled=record.get("banned_until") is not None,
            createTime=time(record.get("created_at")),
            passwordHash=record.get("encrypted_password"),
            factors=apps,
        ),
    }


def _is_app(factor: Record) -> bool:
    return factor.get("factor_type") == "totp" and factor.get("status") == "verified"


def _app(factor: Record) -> dict[str, Any]:
    return {
        "kind": "totp",
        "secret": factor["secret"],
        **without_empty(
            name=factor.get("friendly_name"), createTime=time(factor.get("created_at"))
        ),
    }

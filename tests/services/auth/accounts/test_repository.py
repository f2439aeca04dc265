"""How a registration is kept."""

from dataclasses import replace
from uuid import uuid4

from services.auth.accounts import repository as accounts
from services.auth.accounts.model import Registration
from tests.services.auth.harness import user


def test_a_registration_is_kept_without_its_hash() -> None:
    """What answers a repeat has all but the hash of the password."""
    new = Registration(user(), uuid4(), uuid4(), b"salt")
    value = accounts.ANSWER.pack(new)
    assert accounts.ANSWER.parse(value) == replace(new, user=replace(new.user, password_hash=""))
    assert b"argon2" not in value

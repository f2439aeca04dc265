"""How the answer of a registration is recorded for idempotent retries."""

from dataclasses import replace
from uuid import uuid4

from services.auth.accounts import repository as accounts
from services.auth.accounts.model import Registration
from tests.services.auth.harness import user


def test_a_recorded_registration_omits_the_password_hash() -> None:
    """The recorded answer has every field except the password hash."""
    new = Registration(user(), uuid4(), uuid4(), b"salt")
    value = accounts.ANSWER.pack(new)
    assert accounts.ANSWER.parse(value) == replace(new, user=replace(new.user, password_hash=""))
    assert b"argon2" not in value

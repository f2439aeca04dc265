"""Users with passkeys."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from kernel.identity.callers import Call
from services.auth.factors.model import Factor
from services.auth.logins.model import LoginResult
from services.auth.logins.second_factors import Answer
from tests.services.auth.harness import EMAIL, METADATA, AuthHarness
from tests.support.authenticator import Authenticator

CALL = Call(None, METADATA)
"""The call of a browser without a login."""


class Holder(NamedTuple):
    """A user with a passkey.

    Attributes:
        result: The login that has taken the place of the one in which the passkey was registered.
        authenticator: The passkey.
        factor: The passkey, as its user sees it.
        codes: The recovery codes.
    """

    result: LoginResult
    authenticator: Authenticator
    factor: Factor
    codes: list[str]


async def add(
    harness: AuthHarness, result: LoginResult, authenticator: Authenticator, name: str = "Phone"
) -> Holder:
    """Registers a passkey of a user."""
    call = harness.call(result)
    start = await harness.register_passkey.options(call)
    credential = authenticator.create(start.options)
    added = await harness.register_passkey.create(call, credential, name)
    after = replace(result, tokens=added.tokens)
    return Holder(after, authenticator, added.factor, added.recovery_codes)


async def holder(
    harness: AuthHarness, email: str = EMAIL, authenticator: Authenticator | None = None
) -> Holder:
    """A new user whose address is proved and who has a passkey."""
    result = await harness.register_proved(email)
    return await add(harness, result, authenticator or Authenticator())


async def asserted(harness: AuthHarness, authenticator: Authenticator) -> dict[str, Any]:
    """What a browser gives for the options of a login of any user."""
    return authenticator.get((await harness.passkey_login.options(CALL)).options)


async def log_in(harness: AuthHarness, credential: Mapping[str, Any]) -> LoginResult:
    """A login by a passkey alone."""
    return await harness.passkey_login.log_in(CALL, credential)


async def second(harness: AuthHarness, authenticator: Authenticator) -> LoginResult:
    """A login by the password, and by a passkey after it."""
    challenge = await harness.challenge()
    assert challenge.passkey_options is not None
    answer = Answer(credential=authenticator.get(challenge.passkey_options))
    return await harness.answer(challenge, answer)

"""The checks of how surely, and how lately, a caller is known."""

from datetime import datetime

from kernel.errors import ReauthenticationRequired, SecondFactorRequired
from kernel.identity.callers import Assurance, Caller

RECENT_SECONDS = 300
"""How old a proof is at most where a use case asks for a recent one; the contract says it of methods."""
_SKEW_SECONDS = 5  # clocks of two machines may differ this much


def require_assurance(caller: Caller, least: Assurance) -> None:
    """Raises `SecondFactorRequired` if the caller is known less surely than that."""
    if caller.assurance < least:
        action = "reauthenticate" if caller.has_second_factor else "enroll"
        raise SecondFactorRequired({"action": action})


def require_recent(caller: Caller, max_age_seconds: int, now: datetime) -> None:
    """Raises `ReauthenticationRequired` if the user's last proof of who they are is older.

    Also if it is from the future, by a clock that was ahead: it would be recent for too long.
    """
    age = now.timestamp() - caller.auth_second
    if not -_SKEW_SECONDS <= age <= max_age_seconds:
        proof = "second_factor" if caller.has_second_factor else "password"
        raise ReauthenticationRequired({"maxAgeSeconds": str(max_age_seconds), "proof": proof})


def require_strongest_proof(caller: Caller, now: datetime) -> None:
    """Raises an error unless the caller has lately proved who they are, with a second factor if any.

    What a method with `recent` and `ASSURANCE_STRONGEST` asks for, where only some calls need it.
    Raises `SecondFactorRequired`, `ReauthenticationRequired`.
    """
    if caller.has_second_factor:
        require_assurance(caller, Assurance.AAL2)
    require_recent(caller, RECENT_SECONDS, now)

"""Nothing with the id of a deleted user is left, in any family of any context."""

from uuid import UUID

from ops.doctor.catalogue import Catalogue
from services.sessions import keys as sessions
from services.tenants.invitations import repository as invitations
from services.tenants.revocations import repository as revocations
from tests.ops.doctor.environment import Environment
from tests.services.auth.harness import PASSWORD
from tests.support.store import rows_between

_UNTIL_SENT = "an email that waits is dropped when it is due, at most an hour later"
_MAY_NAME = {
    "auth/revocation": "services refuse the tokens that the user still holds",
    "auth/idempotency/record": "a repeat of the registration, for a day, finds no user",
    "auth/emails/row": _UNTIL_SENT,
    "tenants/invitation_emails/row": _UNTIL_SENT,
    "tenants/deleted_user/row": "a late message must not bring the user back",
    "tenants/deleted_user/expiry": "as its row",
    "sessions/deleted_user/row": "a late message must not bring the user back",
    "sessions/deleted_user/expiry": "as its row",
}
"""The families that may name a deleted user for a time, each with the reason."""


async def families_with(environment: Environment, user_id: UUID) -> set[str]:
    """The names of the families with a row that has the id in its key or value, in any form."""
    catalogue, names = Catalogue(), set()
    forms = (user_id.bytes, str(user_id).encode(), user_id.hex.encode())
    for key, value in await rows_between(environment.store, b"", b"\xfe"):
        if any(form in key or form in value for form in forms):
            family = catalogue.find(key)
            names.add(repr(key) if family is None else family.name)
    return names


async def drain(environment: Environment) -> None:
    """Delivers all that waits for another service."""

    async def deliver(_: bytes) -> None:
        """Is done."""

    await environment.deliver()
    for outbox in (
        revocations.TOKEN_REVOCATIONS,
        revocations.SESSION_REVOCATIONS,
        invitations.EMAIL_PROOFS,
        sessions.ENDED_SESSIONS,
    ):
        await outbox.drain(environment.store, deliver)


async def test_nothing_names_a_deleted_user(environment: Environment) -> None:
    """After an erasure and its messages, only rows that soon end have the user's id."""
    user_id = environment.user_id
    before = await families_with(environment, user_id)
    assert len(before) > 20, "the environment has rows of most families about the user"
    await environment.auth.deletion.delete(environment.auth.call(environment.caller), PASSWORD)
    await drain(environment)
    left = await families_with(environment, user_id)
    assert left <= set(_MAY_NAME), sorted(left - set(_MAY_NAME))

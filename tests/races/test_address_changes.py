"""Addresses that are proved by several people at once, and changes that are undone meanwhile."""

from kernel.identity.callers import Call
from kernel.storage import Store
from services.auth.accounts.servicer import new_account
from services.auth.logins.repository import logins_of
from services.auth.notifications.model import EmailKind
from services.auth.one_time_tokens.model import Proof
from services.auth.users.model import User
from services.auth.users.repository import require_user, user_of_email
from tests.races.race import Race, reason_of
from tests.races.scenario import accepted
from tests.services.auth.harness import METADATA, OTHER_PASSWORD, registration
from tests.support.in_process import InProcessSystem

CALL = Call(None, METADATA)


async def test_an_address_has_one_owner(
    systems: list[InProcessSystem], race: Race, store: Store
) -> None:
    """Of a registration, a change and a verification of one address, one proof succeeds."""
    for number in race.rounds():
        auth, email = systems[0].auth, f"new{number}@example.com"
        user = await auth.register_proved(f"{number}@example.com")
        await auth.registration_request.register(CALL, new_account(registration(email)))
        confirm = (await auth.mailed(EmailKind.CONFIRM_REGISTRATION))[-1]
        await auth.change.ask(auth.call(user), email)
        change = (await auth.mailed(EmailKind.CHANGE_EMAIL))[-1]
        stranger = await auth.register(email)
        verify = (await auth.mailed(EmailKind.VERIFY_EMAIL))[-1]
        some = [system.auth for system in race.random.choices(systems, k=3)]
        outcomes = await race.run(
            some[0].proofs.prove(CALL, Proof(confirm.token), OTHER_PASSWORD),
            some[1].proofs.prove(auth.call(user), Proof(change.token), ""),
            some[2].proofs.prove(auth.call(stranger), Proof(verify.token), ""),
        )
        owners = [one for one in outcomes if isinstance(one, User)]
        assert len(owners) == 1
        assert {reason_of(one) for one in outcomes} == {"", "ONE_TIME_TOKEN_INVALID"}
        found = await store.read(lambda tx: user_of_email(tx, email))  # noqa: B023
        assert found == owners[0]
        for system in systems:
            await system.mark_fresh()
            kept = found.user_id == stranger.user.user_id
            assert accepted(system, auth.caller(stranger)) == kept
        auth.clock.advance(hours=24)


async def test_an_undo_beats_the_proof(
    systems: list[InProcessSystem], race: Race, store: Store
) -> None:
    """Whatever the intruder proves or asks for meanwhile, the account has its old address."""
    for number in race.rounds():
        auth, email = systems[0].auth, f"{number}@example.com"
        who = await auth.register_proved(email)
        call = auth.call(who)
        await auth.change.ask(call, f"eve{number}@example.com")
        proof = (await auth.mailed(EmailKind.CHANGE_EMAIL))[-1]
        undo = (await auth.mailed(EmailKind.CHANGE_REQUESTED))[-1]
        some = [system.auth for system in race.random.choices(systems, k=4)]
        outcomes = await race.run(
            some[0].undo.undo(CALL, undo.token),
            some[1].proofs.prove(call, Proof(proof.token), ""),
            some[2].change.ask(call, f"mallory{number}@example.com"),
            some[3].log_in(email),
        )
        assert reason_of(outcomes[0]) == ""
        late = {"", "ONE_TIME_TOKEN_INVALID", "ACCESS_TOKEN_REVOKED", "STORAGE_CONFLICT"}
        assert {reason_of(one) for one in outcomes[1:3]} <= late
        assert reason_of(outcomes[3]) in {"", "BAD_CREDENTIALS"}
        user = await store.read(lambda tx: require_user(tx, who.user.user_id))  # noqa: B023
        assert (user.email, user.password_hash, user.email_verified) == (email, "", True)
        assert await store.read(lambda tx: logins_of(tx, user.user_id)) == []  # noqa: B023
        for secrets in await auth.mailed(EmailKind.CHANGE_EMAIL):
            (outcome,) = await race.run(auth.proofs.prove(call, Proof(secrets.token), ""))
            assert reason_of(outcome) in {"ONE_TIME_TOKEN_INVALID", "ACCESS_TOKEN_REVOKED"}
        auth._emails.clear()
        auth.clock.advance(hours=24)

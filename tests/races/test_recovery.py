"""Passwords that are reset while logins begin, and addresses that are proved by several people."""

from kernel.identity.callers import Call
from kernel.storage import Store
from services.auth.logins.model import LoginResult
from services.auth.logins.repository import logins_of
from services.auth.notifications.model import EmailKind
from services.auth.one_time_tokens.model import Proof
from services.auth.users.model import User
from services.auth.users.repository import user_of_email
from tests.races.race import Race, reason_of
from tests.races.scenario import accepted
from tests.services.auth.harness import METADATA, OTHER_PASSWORD, PASSWORD
from tests.support.in_process import InProcessSystem

CALL = Call(None, METADATA)


async def test_no_login_with_the_old_password_outlives_a_reset(
    systems: list[InProcessSystem], race: Race, store: Store
) -> None:
    """After a reset only logins with the new password are in force, however they began."""
    for number in race.rounds():
        first, email = systems[0], f"{number}@example.com"
        before = await first.register(number)
        if number % 2:
            await _prove(first, before)
        await first.auth.forgot.ask(CALL, email)
        secrets = (await first.auth.mailed(EmailKind.RESET_PASSWORD))[-1]
        some = race.random.choices(systems, k=6)
        outcomes = await race.run(
            some[0].auth.reset.reset(CALL, Proof(secrets.token), OTHER_PASSWORD),
            some[1].auth.reset.reset(CALL, Proof("", email, secrets.code), OTHER_PASSWORD),
            *(one.auth.log_in(email, PASSWORD) for one in some[2:4]),
            *(one.auth.log_in(email, OTHER_PASSWORD) for one in some[4:]),
        )
        assert sorted(map(reason_of, outcomes[:2])) == ["", "ONE_TIME_TOKEN_INVALID"]
        assert {reason_of(one) for one in outcomes[2:]} <= {"", "BAD_CREDENTIALS"}
        old = [one for one in [before, *outcomes[2:4]] if isinstance(one, LoginResult)]
        new = [one for one in outcomes[4:] if isinstance(one, LoginResult)]
        for system in systems:
            await system.mark_fresh()
            assert not any(accepted(system, system.auth.caller(one)) for one in old)
            assert all(accepted(system, system.auth.caller(one)) for one in new)
        user = await store.read(lambda tx: user_of_email(tx, email))  # noqa: B023
        assert user is not None
        assert user.email_verified
        kept = await store.read(lambda tx: logins_of(tx, user.user_id))  # noqa: B023
        assert len(kept) == len(new)


async def test_an_address_is_proved_once(
    systems: list[InProcessSystem], race: Race, store: Store
) -> None:
    """Of the one who registered and the one who starts over, one proves the address."""
    for number in race.rounds():
        first, email = systems[0], f"{number}@example.com"
        who = await first.register(number)
        await first.auth.verification.send(first.auth.call(who))
        await first.auth.verification.send(first.auth.call(who))
        one, other = (await first.auth.mailed(EmailKind.VERIFY_EMAIL))[-2:]
        some = race.random.choices(systems, k=3)
        outcomes = await race.run(
            some[0].auth.proofs.prove(first.auth.call(who), Proof(one.token), ""),
            some[1].auth.proofs.prove(CALL, Proof(other.token), OTHER_PASSWORD),
            some[2].auth.proofs.prove(CALL, Proof("", email, one.code), OTHER_PASSWORD),
        )
        proved = [user for user in outcomes if isinstance(user, User)]
        assert len(proved) == 1
        assert {reason_of(one) for one in outcomes} == {"", "ONE_TIME_TOKEN_INVALID"}
        user = await store.read(lambda tx: user_of_email(tx, email))  # noqa: B023
        assert user == proved[0]
        kept = user.user_id == who.user.user_id
        assert kept == isinstance(outcomes[0], User)
        for system in systems:
            await system.mark_fresh()
            assert accepted(system, system.auth.caller(who)) == kept
        await first.deliver_account_tasks()


async def _prove(system: InProcessSystem, who: LoginResult) -> None:
    await system.auth.verification.send(system.auth.call(who))
    secrets = (await system.auth.mailed(EmailKind.VERIFY_EMAIL))[-1]
    await system.auth.proofs.prove(system.auth.call(who), Proof(secrets.token), "")

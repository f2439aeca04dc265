"""Second factors that are set up, used and removed while logins begin."""

from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

import pyotp

from kernel.identity.callers import Assurance, Call, Caller
from kernel.storage import Store
from services.auth.factors.model import AddedFactor
from services.auth.logins.model import PASSWORD_ALONE, Login, LoginChallenge, LoginResult
from services.auth.logins.password_login import Credentials
from services.auth.logins.repository import logins_of
from services.auth.logins.second_factors import Answer
from services.auth.notifications.model import EmailKind
from services.auth.security_log.model import Event
from services.auth.totp.repository import totps_of
from services.auth.users.repository import user_of_email
from tests.races.race import Race, reason_of
from tests.races.scenario import accepted
from tests.services.auth.harness import METADATA, OTHER_PASSWORD, PASSWORD, AuthHarness
from tests.support.in_process import InProcessSystem

CALL = Call(None, METADATA)


async def test_no_login_with_a_password_alone_outlives_the_first_factor(
    systems: list[InProcessSystem], race: Race, store: Store
) -> None:
    """Whenever a login begins: once there is a factor, only the login of its setup is left."""
    for number in race.rounds():
        first, email = systems[0], f"{number}@example.com"
        who = await first.register(number)
        enrolled = await first.auth.totp.enroll(first.auth.call(who), "Phone")
        code = pyotp.TOTP(enrolled.secret).at(first.auth.clock.now())
        some = race.random.choices(systems, k=4)
        confirmed, *logins = await race.run(
            some[0].auth.totp.confirm(first.auth.call(who), enrolled.factor_id, code),
            *(_password(one.auth, email) for one in some[1:]),
        )
        assert reason_of(confirmed) == ""
        assert {reason_of(one) for one in logins} <= {"", "BAD_CREDENTIALS"}
        begun = [one for one in logins if isinstance(one, LoginResult)]
        for system in systems:
            await system.mark_fresh()
            assert not any(accepted(system, system.auth.caller(one)) for one in begun)
        user = await store.read(lambda tx: user_of_email(tx, email))  # noqa: B023
        assert user is not None
        assert user.second_factor
        (kept,) = await store.read(lambda tx: logins_of(tx, user.user_id))  # noqa: B023
        assert isinstance(confirmed, AddedFactor)
        assert kept.login_id == first.auth.verified(confirmed.tokens).login_id


async def test_a_code_begins_one_login(systems: list[InProcessSystem], race: Race) -> None:
    """Of several logins with one code, or one recovery code, in several replicas, one begins."""
    for number in race.rounds():
        first, email = systems[0], f"{number}@example.com"
        who = await first.register(number)
        enrolled = await first.auth.totp.enroll(first.auth.call(who), "Phone")
        app, clock = pyotp.TOTP(enrolled.secret), first.auth.clock
        added = await first.auth.totp.confirm(
            first.auth.call(who), enrolled.factor_id, app.at(clock.now())
        )
        code = app.at(clock.now() + timedelta(seconds=30))
        answer = Answer(code=code) if number % 2 else Answer(recovery_code=added.recovery_codes[0])
        some = race.random.choices(systems, k=3)
        challenges = [await _password(one.auth, email) for one in some]
        outcomes = await race.run(
            *(
                one.auth.second_factor_login.log_in(CALL, challenge.text, answer)
                for one, challenge in zip(some, challenges, strict=True)
                if isinstance(challenge, LoginChallenge)
            )
        )
        (begun,) = [one for one in outcomes if isinstance(one, LoginResult)]
        assert first.auth.caller(begun).assurance is Assurance.AAL2
        assert sorted(map(reason_of, outcomes)) == ["", *2 * ["SECOND_FACTOR_WRONG"]]


async def test_an_undo_leaves_no_login_with_the_factor(
    systems: list[InProcessSystem], race: Race, store: Store
) -> None:
    """Whenever a login with the factor begins: once the factor is undone, no login is left."""
    for number in race.rounds():
        user = await _equipped(systems[0], number)
        link = (await systems[0].auth.mailed(EmailKind.SECOND_FACTOR_ON))[-1].token
        some = race.random.choices(systems, k=4)
        undone, *logins = await race.run(
            some[0].auth.undo_factor.undo(CALL, link),
            _answer(some[1].auth, user, Answer(code=user.next_code)),
            _answer(some[2].auth, user, Answer(recovery_code=user.codes[0])),
            _password(some[3].auth, user.email),
        )
        assert reason_of(undone) == ""
        *answered, password = map(reason_of, logins)
        assert set(answered) <= {"", "CHALLENGE_INVALID"}
        assert password in {"", "BAD_CREDENTIALS"}
        assert await _left(store, user.email) == []
        await _expect_refusals(systems, logins, [])


async def test_a_removal_leaves_no_login_with_the_factor(
    systems: list[InProcessSystem], race: Race, store: Store
) -> None:
    """Whenever logins begin: once the last factor is removed, those that are left rest on no factor."""
    for number in race.rounds():
        user = await _equipped(systems[0], number)
        some = race.random.choices(systems, k=4)
        removed, *logins = await race.run(
            some[0].auth.factors.remove(some[0].auth.call(user.caller), user.factor_id),
            _password(some[1].auth, user.email),
            _answer(some[2].auth, user, Answer(code=user.next_code)),
            _answer(some[3].auth, user, Answer(recovery_code=user.codes[0])),
        )
        assert reason_of(removed) == ""
        password, *answered = map(reason_of, logins)
        assert password in {"", "BAD_CREDENTIALS"}
        assert set(answered) <= {"", "SECOND_FACTOR_WRONG"}
        left = await _left(store, user.email)
        assert all(one.methods == PASSWORD_ALONE for one in left)
        assert len(left) == isinstance(logins[0], LoginResult)
        await _expect_refusals(systems, logins, left)


async def test_a_login_that_has_ended_changes_nothing(
    systems: list[InProcessSystem], race: Race
) -> None:
    """A token is trusted for a moment after its login: nothing of it is committed in that moment."""
    for number in race.rounds():
        first, auth = systems[0], systems[0].auth
        user = await _equipped(first, number)
        answer = Answer(recovery_code=user.codes[0])
        owner = auth.call(await _answer(auth, user, answer))
        thief = auth.call(user.caller)
        some = race.random.choices(systems, k=3)
        await race.run(
            some[0].auth.devices.end_all(owner),
            some[1].auth.password_change.change(thief, PASSWORD, OTHER_PASSWORD),
            some[2].auth.recovery_codes.replace_all(thief),
        )
        events = await auth.events(owner.caller)
        ended = events.index(Event.LOGINS_ENDED)
        assert Event.RECOVERY_CODES_CREATED not in events[:ended]
        if Event.PASSWORD_CHANGED in events:  # it ends the login of the owner, but not before
            assert events.index(Event.PASSWORD_CHANGED) > ended


class _Equipped(NamedTuple):
    """A user whose address is proved, with an app and recovery codes."""

    email: str
    caller: Caller
    factor_id: UUID
    next_code: str
    codes: list[str]
    challenges: list[str]
    """For two logins, in each of which the password is right."""


async def _equipped(system: InProcessSystem, number: int) -> _Equipped:
    auth, email = system.auth, f"{number}@example.com"
    call = auth.call(await auth.register_proved(email))
    enrolled = await auth.totp.enroll(call, "Phone")
    app, now = pyotp.TOTP(enrolled.secret), auth.clock.now()
    added = await auth.totp.confirm(call, enrolled.factor_id, app.at(now))
    return _Equipped(
        email,
        auth.verified(added.tokens),
        enrolled.factor_id,
        app.at(now + timedelta(seconds=30)),
        added.recovery_codes,
        [(await auth.challenge(email)).text for _ in range(2)],
    )


async def _answer(auth: AuthHarness, user: _Equipped, answer: Answer) -> LoginResult:
    text = user.challenges[0 if answer.code else 1]
    return await auth.second_factor_login.log_in(CALL, text, answer)


async def _left(store: Store, email: str) -> list[Login]:
    """The logins of a user who has no second factor any more."""
    user = await store.read(lambda tx: user_of_email(tx, email))
    assert user is not None
    assert not user.second_factor
    assert await store.read(lambda tx: totps_of(tx, user.user_id)) == []
    return await store.read(lambda tx: logins_of(tx, user.user_id))


async def _expect_refusals(
    systems: list[InProcessSystem], outcomes: list[Any], left: list[Login]
) -> None:
    """Every replica refuses the access tokens of all logins but those that are left."""
    kept = {login.login_id for login in left}
    for system in systems:
        await system.mark_fresh()
        for outcome in outcomes:
            if isinstance(outcome, LoginResult):
                caller = system.auth.caller(outcome)
                assert accepted(system, caller) == (caller.login_id in kept)


async def _password(auth: AuthHarness, email: str) -> LoginResult | LoginChallenge:
    return await auth.password_login.log_in(CALL, Credentials(email, PASSWORD))

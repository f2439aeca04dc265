"""The registration of a passkey by a user who is logged in."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from kernel.identity.callers import Call
from kernel.runtime import Runtime
from kernel.storage import Read, Write
from services.auth.challenges.challenges import Challenges
from services.auth.challenges.errors import ChallengeInvalid
from services.auth.challenges.model import Challenge, ChallengePurpose
from services.auth.factors.changes import FactorChanges
from services.auth.factors.errors import FactorLimitReached
from services.auth.factors.model import MOST_OF_A_KIND, AddedFactor, Factor
from services.auth.logins.errors import PasskeyInvalid
from services.auth.logins.model import VERIFIED_PASSKEY
from services.auth.passkeys import repository
from services.auth.passkeys.errors import PasskeyExists
from services.auth.passkeys.lazy_ceremonies import LazyCeremonies
from services.auth.passkeys.model import Passkey
from services.auth.passkeys.repository import PASSKEYS
from services.auth.users.model import User
from services.auth.users.repository import require_user


class CreationOptions(NamedTuple):
    """What a browser needs to make a passkey, and until when it is good."""

    options: Mapping[str, Any]
    expire_time: datetime


class RegisterPasskey:
    """The use cases of a registration."""

    def __init__(
        self,
        runtime: Runtime,
        challenges: Challenges,
        ceremonies: LazyCeremonies,
        changes: FactorChanges,
    ) -> None:
        self._runtime = runtime
        self._challenges = challenges
        self._ceremonies = ceremonies
        self._changes = changes

    async def options(self, call: Call) -> CreationOptions:
        """The options of a registration in the caller's login.

        Raises `FactorLimitReached`, `AccessTokenRevoked`.
        """
        caller = call.caller
        new = self._challenges.new(
            ChallengePurpose.PASSKEY_CREATION,
            call.device,
            self._runtime.clock.now(),
            user_id=caller.user_id,
            origin_id=caller.login_id,
        )

        async def look(tx: Read) -> tuple[User, list[Passkey]]:
            await _check_limit(tx, caller.user_id)
            user = await require_user(tx, caller.user_id)
            return user, await repository.of_user(tx, caller.user_id)

        user, passkeys = await self._runtime.store.read(look)
        await self._ceremonies.prepare()
        options = self._ceremonies.get().creation_options(user, passkeys, new.text)
        return CreationOptions(options, new.challenge.expire_time)

    async def create(self, call: Call, credential: Mapping[str, Any], name: str) -> AddedFactor:
        """Registers a passkey of the caller.

        Raises `PasskeyInvalid`, `PasskeyExists`, `FactorLimitReached`, `AccessTokenRevoked`.

        Args:
            call: The call.
            credential: What the browser gave for the options (WebAuthn, its JSON form).
            name: The name of the passkey.
        """
        now, user_id = self._runtime.clock.now(), call.caller.user_id
        await self._ceremonies.prepare()
        ceremonies = self._ceremonies.get()
        text = ceremonies.challenge_of(credential)
        challenge = self._challenge(call, text, now)
        new = ceremonies.register(credential, text)
        passkey = Passkey(
            factor_id=self._runtime.ids.uuid(),
            user_id=user_id,
            name=name,
            credential_id=new.credential_id,
            public_key=new.public_key,
            sign_count=new.sign_count,
            transports=new.transports,
            create_time=now,
        )

        async def put(tx: Write, _: User) -> Factor:
            await self._challenges.spend(tx, challenge)
            await _check_limit(tx, user_id)
            if await repository.of_credential(tx, passkey.credential_id) is not None:
                raise PasskeyExists
            await PASSKEYS.put(tx, passkey)
            return passkey.factor

        try:
            return await self._changes.add(call, VERIFIED_PASSKEY, put)
        except ChallengeInvalid:
            raise PasskeyInvalid from None

    def _challenge(self, call: Call, text: str, now: datetime) -> Challenge:
        """The challenge behind a text, which must be of the caller's login. Raises `PasskeyInvalid`."""
        try:
            challenge = self._challenges.read(
                text, ChallengePurpose.PASSKEY_CREATION, call.device, now
            )
        except ChallengeInvalid:
            raise PasskeyInvalid from None
        caller = call.caller
        if (challenge.user_id, challenge.origin_id) != (caller.user_id, caller.login_id):
            raise PasskeyInvalid
        return challenge


async def _check_limit(tx: Read, user_id: UUID) -> None:
    """Raises `FactorLimitReached` if a user can have no further passkey."""
    if await repository.count(tx, user_id) >= MOST_OF_A_KIND:
        raise FactorLimitReached({"limit": str(MOST_OF_A_KIND)})

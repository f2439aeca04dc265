"""Makes challenges, reads them, and sees to it that each is used once."""

from datetime import datetime, timedelta
from hmac import compare_digest
from uuid import UUID

from google.protobuf.message import DecodeError

from kernel import base64url
from kernel.identity.devices import Device
from kernel.runtime import Runtime
from kernel.seal import SealKeysWrong
from kernel.storage import Read, Write
from services.auth.challenges import repository
from services.auth.challenges.errors import ChallengeInvalid
from services.auth.challenges.model import Challenge, ChallengePurpose, NewChallenge, SpentChallenge
from services.auth.challenges.repository import SPENT_CHALLENGES

LIFE = timedelta(minutes=5)
_MOST_CHARACTERS = 1_000
_MAC_BYTES = 16


class Challenges:
    """The challenges of auth."""

    def __init__(self, runtime: Runtime) -> None:
        self._ids = runtime.ids
        self._seal = runtime.seal

    def new(
        self,
        purpose: ChallengePurpose,
        device: Device,
        now: datetime,
        *,
        user_id: UUID | None = None,
        origin_id: UUID | None = None,
        password_revision: int = 0,
        tenant_id: UUID | None = None,
    ) -> NewChallenge:
        """A new challenge; the arguments are the attributes of `Challenge`."""
        challenge = Challenge(
            purpose=purpose,
            challenge_id=self._ids.uuid(),
            expire_time=now + LIFE,
            device_mac=self._device_mac(device),
            user_id=user_id,
            origin_id=origin_id,
            password_revision=password_revision,
            tenant_id=tenant_id,
        )
        return NewChallenge(challenge, self._seal.encrypt(repository.pack(challenge)).decode())

    def read(
        self, text: str, purpose: ChallengePurpose, device: Device, now: datetime
    ) -> Challenge:
        """The challenge behind a text. Raises `ChallengeInvalid`.

        The address of a device may change meanwhile, as a phone's does; its program may not.
        """
        challenge = self._read(text)
        good = (
            challenge is not None
            and challenge.purpose is purpose
            and now < challenge.expire_time <= now + LIFE + timedelta(seconds=5)
            and compare_digest(challenge.device_mac, self._device_mac(device))
        )
        if challenge is None or not good:
            raise ChallengeInvalid
        return challenge

    async def require_unspent(self, tx: Read, challenge: Challenge) -> None:
        """Raises `ChallengeInvalid` if a challenge was used.

        Call it before a passkey is checked: the same answer sent again must not look like a copy.
        """
        if await SPENT_CHALLENGES.get(tx, challenge.challenge_id) is not None:
            raise ChallengeInvalid

    async def spend(self, tx: Write, challenge: Challenge) -> None:
        """Uses a challenge, in the transaction of what it is for. Raises `ChallengeInvalid`."""
        await self.require_unspent(tx, challenge)
        spent = SpentChallenge(challenge.challenge_id, challenge.expire_time)
        await SPENT_CHALLENGES.put(tx, spent)

    def _read(self, text: str) -> Challenge | None:
        try:
            if len(text) > _MOST_CHARACTERS:
                return None
            base64url.check_padded(text)
            return repository.parse(self._seal.open(text.encode()))
        except (SealKeysWrong, DecodeError, ValueError):
            return None

    def _device_mac(self, device: Device) -> bytes:
        return self._seal.mac("challenge", device.user_agent.encode())[:_MAC_BYTES]

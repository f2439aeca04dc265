"""A registration that makes an account only once its address is proved.

The request costs the same for every address: the account, if there is one, is not even looked up. So
neither the answer nor its time tells whether an address has an account.
"""

from kernel.fields import Fields
from kernel.identity.callers import Call
from kernel.runtime import Runtime
from kernel.storage import Write
from kernel.storage.recipes.idempotency import NOTHING
from services.auth.accounts.model import NewAccount
from services.auth.accounts.pending_registration import PendingRegistrations
from services.auth.keys import IDEMPOTENCY
from services.auth.passwords.hashing import Passwords


class RequestRegistration:
    """The use case of a registration where addresses must be proved first."""

    def __init__(
        self, runtime: Runtime, passwords: Passwords, pending: PendingRegistrations
    ) -> None:
        self._runtime = runtime
        self._passwords = passwords
        self._pending = pending

    async def register(self, call: Call, new: NewAccount) -> None:
        """Mails a link and a code with which the owner of the address completes the registration.

        A repeat with the same idempotency key mails nothing. Raises `HashingBusy`,
        `IdempotencyKeyReused`, `InvalidRequest`, `TooManyEmails`.
        """
        fields = Fields()
        self._passwords.policy.check(fields, "password", new.password, new)
        fields.check()
        store, request, now = self._runtime.store, call.idempotency, self._runtime.clock.now()
        first = await store.read(lambda tx: IDEMPOTENCY.find(tx, request, now, NOTHING))
        if first is not None:  # no need to hash again
            return
        await self._passwords.policy.refuse_breached("password", new.password)
        password_hash = await self._passwords.hash(new.password, call.device.network)
        pending = self._pending.new(call, new, password_hash, now)

        async def put(tx: Write) -> None:
            await self._pending.put(tx, pending)

        await IDEMPOTENCY.write(store, request, now, put, NOTHING)

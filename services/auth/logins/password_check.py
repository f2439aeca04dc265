"""The check of a password that may be checked, and one as costly of a password that may not."""

from prometheus_client import Counter

from kernel.identity.callers import Call
from kernel.telemetry import Telemetry
from services.auth.logins.unknown_accounts import UnknownAccounts
from services.auth.passwords.errors import HashingBusy
from services.auth.passwords.hashing import PasswordCheck, Passwords
from services.auth.throttling.attempt import Attempt


class CheckPassword:
    """Checks the passwords of attempts, and counts the hashes by what they were compared with."""

    def __init__(
        self, passwords: Passwords, unknown_accounts: UnknownAccounts, telemetry: Telemetry
    ) -> None:
        self._passwords = passwords
        self._unknown_accounts = unknown_accounts
        checks = Counter(
            "coditect_password_checks",
            "Password hashes that were computed, by what they were compared with: the hash of an"
            " account, or a decoy that no password matches.",
            ("against",),
            registry=telemetry.registry,
        )
        self._against_account, self._against_decoy = (
            checks.labels("account"),
            checks.labels("decoy"),
        )

    async def check(
        self, attempt: Attempt, call: Call, normalized_email: str, password: str
    ) -> PasswordCheck:
        """Whether the password is that of the attempt's account.

        It is not if the attempt is not allowed, or the address has no account, or the account has no
        password; a decoy makes that cost the same. Raises `HashingBusy`.
        """
        network = call.device.network
        if attempt.allowed and attempt.user is not None and attempt.user.password_hash:
            password_hash, count = attempt.user.password_hash, self._against_account
        else:
            password_hash, count = (
                self._unknown_accounts.hash_of(normalized_email),
                self._against_decoy,
            )
        attempt.checked = True
        try:
            known = attempt.device_id is not None
            return await self._passwords.verify(password_hash, password, network, known=known)
        except HashingBusy:
            attempt.checked = False
            raise
        finally:
            if attempt.checked:
                count.inc()

    async def better_hash(self, check: PasswordCheck, call: Call, password: str) -> str | None:
        """A new hash of a right password if the stored one was made with other settings."""
        if not check.needs_rehash:
            return None
        return await self._passwords.hash(password, call.device.network)

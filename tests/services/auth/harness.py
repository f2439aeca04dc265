"""The use cases of auth without a server; `Memberships` answers in place of tenants."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from coditect.auth.v5 import accounts_pb2
from coditect.storage.v1 import storage_pb2
from kernel.emails import normalized_email
from kernel.idempotent_request import IdempotentRequest
from kernel.identity.callers import Call, Caller, Role
from kernel.identity.devices import Device
from kernel.identity.revocations import Revocation, Revocations
from kernel.identity.tokens import Verifier
from kernel.rpc.request_checks import check_request, checks_of
from kernel.runtime import Runtime
from kernel.seal import Seal
from kernel.settings import secrets_of
from kernel.storage import Store, Write
from kernel.telemetry import Telemetry
from services.auth import program_wiring, wiring
from services.auth.accounts.servicer import new_account, password_check
from services.auth.keys import AUTH
from services.auth.logins.model import Login, LoginChallenge, LoginResult, Tokens
from services.auth.logins.password_login import Credentials
from services.auth.logins.repository import logins_of
from services.auth.logins.second_factors import Answer
from services.auth.notifications import repository as notifications
from services.auth.notifications.model import EmailKind, QueuedEmail
from services.auth.one_time_tokens.model import Proof, Secrets
from services.auth.outbox import repository as outbox
from services.auth.outbox.model import OutboxTask, TaskKind
from services.auth.passwords.policy import PasswordPolicy
from services.auth.program_wiring import TenantsOfPrograms
from services.auth.revocations import repository as revocations
from services.auth.revocations.log import RevocationLog
from services.auth.security_log.events import SecurityEvents
from services.auth.security_log.model import Event
from services.auth.settings import AuthSettings
from services.auth.signing_keys.rotation import SigningKeys
from services.auth.tokens.access import AccessTokens, Claims, TokenMetadata
from services.auth.users.model import User
from tests.services.auth.fakes import CountingPasswords, Memberships, RecordingFailureLog, Sessions
from tests.support.clock import START, FixedClock
from tests.support.ids import FixedIds
from tests.support.service import ENVIRON, UNREACHABLE
from tests.support.store import rows_between

EMAIL = "Ada@Example.com"
PASSWORD = "correct horse battery staple"
OTHER_PASSWORD = "an altogether different one"
OTHER_SEAL_KEY = "bmV3LWtleS1uZXcta2V5LW5ldy1rZXktbmV3LWtleSE="
METADATA = {"user-agent": "test", "x-forwarded-for": "192.0.2.1"}
CLAIMS = Claims(
    user_id=uuid4(),
    email_verified=True,
    login_id=uuid4(),
    tenant_id=uuid4(),
    role="admin",
    tenant_epoch=3,
    tenant_suspended=False,
    auth_time=START - timedelta(seconds=60),
    methods=("pwd",),
    assurance="aal1",
    second_factor=False,
    second_factor_required=False,
    not_after=START + timedelta(days=365),
)
_UNKNOWN = b"\xa2\x06\x05hello"  # field 100, as a newer version would write it


def make_settings(**environ: str) -> AuthSettings:
    """The settings of auth with the cheapest hash, overridden by the given variables."""
    return AuthSettings.read(
        {
            **ENVIRON,
            "TENANTS_ADDRESS": UNREACHABLE,
            "SESSIONS_ADDRESS": UNREACHABLE,
            "ARGON2_MEMORY_KIB": "8",
            "ARGON2_PASSES": "1",
            "HASH_THREADS": "2",
            "SETTLE_SECONDS": "0",
            "MAIL_URL": "file:///unused",
            "EMAILS_PER_USER": "30",
            **environ,
        }
    )


def user(**given: Any) -> User:
    """A user with default values and a new id, except for the given values."""
    values: dict[str, Any] = {
        "user_id": uuid4(),
        "email": "Ada@Example.com",
        "password_hash": "$argon2id$hash",
        "first_name": "Ada",
        "last_name": "Lovelace",
        "company": "",
        "create_time": START + timedelta(milliseconds=123),
    }
    return User(**{**values, **given})


def login(**given: Any) -> Login:
    """A login with default values and new ids, except for the given values."""
    values: dict[str, Any] = {
        "login_id": uuid4(),
        "user_id": uuid4(),
        "tenant_id": uuid4(),
        "role": Role.ADMIN,
        "create_time": START,
        "last_used_time": START + timedelta(milliseconds=1),
        "expire_time": START + timedelta(days=1, milliseconds=999),
        "device": Device("agent", "192.0.2.1"),
        "token_hash": b"1" * 32,
        "previous_token_hash": b"2" * 32,
        "rotation_salt": b"3" * 32,
        "rotate_time": START,
        "device_id": uuid4(),
        "auth_time": START,
    }
    return Login(**{**values, **given})


async def keys_of(store: Store) -> list[bytes]:
    """The keys of all rows of the context."""
    return [key for key, _ in await rows_between(store, *AUTH.range())]


async def keeps_unknown_fields(
    store: Store, key: bytes, put: Callable[[Write], Awaitable[None]]
) -> bool:
    """Whether a second write keeps a field that a newer version has added to the record."""

    async def put_once(tx: Write) -> None:
        await put(tx)

    async def add_unknown(tx: Write) -> None:
        tx.set(key, (await tx.get(key) or b"") + _UNKNOWN)

    for step in (put_once, add_unknown, put_once):
        await store.write(step)
    return _UNKNOWN in (await store.read(lambda tx: tx.get(key)) or b"")


def sign(harness: "AuthHarness") -> str:
    """An access token issued now."""
    return harness.access_tokens.sign(CLAIMS, TokenMetadata(uuid4(), harness.clock.now()))


def verifier(harness: "AuthHarness") -> Verifier:
    """A verifier that trusts the published keys."""
    verifier = Verifier.of(harness.settings, harness.clock)
    verifier.trust({key.kid: key.public for key in harness.signing_keys.published})
    return verifier


class AuthHarness:
    """One replica of auth, without a server."""

    def __init__(
        self,
        store: Store,
        clock: FixedClock,
        settings: AuthSettings,
        seed: int = 5,
        tenants: TenantsOfPrograms | None = None,
    ) -> None:
        self.store = store
        self.clock = clock
        self.settings = settings
        self.seal = Seal(secrets_of(settings.seal_keys))
        self.runtime = runtime = Runtime(store, clock, FixedIds(seed), self.seal)
        self.revocations = Revocations(settings.feed_stale_seconds, clock)
        self.log = RevocationLog(runtime, self.revocations, settings.settle_seconds)
        self.signing_keys = SigningKeys(runtime, settings)
        self.access_tokens = AccessTokens(self.signing_keys, settings)
        self.passwords = CountingPasswords(settings)
        self.policy = self.passwords.policy
        self.memberships = Memberships()
        self.tenants = tenants or self.memberships
        self.telemetry = Telemetry()
        self.parts = parts = wiring.parts_of(
            runtime,
            settings,
            self.telemetry,
            self.log,
            self.access_tokens,
            self.passwords,
            self._recording,
        )
        self.throttle, self.unknown_accounts = parts.throttle, parts.unknown_accounts
        self.emails, self.start, self.pending = parts.emails, parts.start, parts.pending
        self.logins = logins = wiring.logins(parts, tenants or self.memberships)
        self.password_login, self.refresh_login = logins.password_login, logins.refresh
        self.devices, self.switch_tenant = logins.devices, logins.switch_tenant
        self.reauthentication = logins.reauthentication
        self.second_factor_login, self.passkey_login = (
            logins.second_factor_login,
            logins.passkey_login,
        )
        self.verifier = Verifier.of(settings, clock)
        self._emails: list[tuple[QueuedEmail, Secrets]] = []
        self._wire_accounts(parts)
        self._wire_programs(parts)

    def _wire_accounts(self, parts: wiring.Parts) -> None:
        factors = wiring.factors(parts)
        self.factors, self.factor_recovery = factors.factors, factors.recovery
        self.undo_factor = factors.undo
        self.totp, self.register_passkey = factors.totp, factors.passkeys
        self.recovery_codes = factors.recovery_codes
        accounts = wiring.accounts(parts)
        self.registration, self.profile = accounts.registration, accounts.profile
        self.registration_request = accounts.registration_request
        self.password_change, self.deletion = accounts.password_change, accounts.deletion
        self.email_proof, self.activity = accounts.email_proof, accounts.activity
        addresses = wiring.email_addresses(parts)
        self.verification, self.proofs = addresses.verification, addresses.proofs
        self.change, self.undo = addresses.change, addresses.undo
        recovery = wiring.password_reset(parts)
        self.forgot, self.reset = recovery.forgot, recovery.reset

    def _wire_programs(self, parts: wiring.Parts) -> None:
        self.sessions = Sessions()
        bearer = program_wiring.bearer_credentials(
            parts,
            self.tenants,
            self.sessions,
            self.access_tokens,
            self.verifier,
            self.revocations,
        )
        self.workspace_tokens = bearer.workspace_tokens
        self.end_session_tokens = bearer.end_session_tokens
        self.personal_access_tokens = bearer.personal_access_tokens
        self.service_accounts, self.service_account_keys = (
            bearer.service_accounts,
            bearer.service_account_keys,
        )
        self.notices = bearer.personal_notices, bearer.service_key_notices
        self.exchange, self.erase_tenant = bearer.exchange, bearer.erase_tenant
        self.service_account_access = bearer.service_account_access

    def _recording(self, events: SecurityEvents) -> RecordingFailureLog:
        self.failure_log = RecordingFailureLog(events)
        return self.failure_log

    async def follow(self) -> None:
        """Takes in what is in the revocation log, as the process does all the time."""
        self.verifier.trust({key.kid: key.public for key in self.signing_keys.published})
        self.revocations.add(await self.revoked())
        self.revocations.mark_fresh()

    async def exchanged(self, text: str) -> Caller:
        """The caller of the access token for a bearer token. Raises `BearerTokenRefused`."""
        await self.follow()
        return self.verifier.verify((await self.exchange.exchange(text)).access_token)

    async def register(
        self,
        email: str = EMAIL,
        password: str = PASSWORD,
        idempotency: IdempotentRequest | None = None,
    ) -> LoginResult:
        """Registers an account, with a request that is checked as in the interceptor."""
        request = registration(email, password, company="Engines")
        check_registration(request)
        call = Call(None, METADATA, idempotency=idempotency)
        return await self.registration.register(call, new_account(request))

    async def log_in(
        self,
        email: str = EMAIL,
        password: str = PASSWORD,
        tenant_id: UUID | None = None,
        *,
        device_token: str = "",
        address: str = METADATA["x-forwarded-for"],
    ) -> LoginResult:
        """A new login, of a device that the account knows if there is a token."""
        call = Call(None, METADATA | {"x-forwarded-for": address})
        credentials = Credentials(normalized_email(email), password, device_token)
        result = await self.password_login.log_in(call, credentials, tenant_id)
        assert isinstance(result, LoginResult), "no second factor is due"
        return result

    async def challenge(
        self, email: str = EMAIL, password: str = PASSWORD, tenant_id: UUID | None = None
    ) -> LoginChallenge:
        """The challenge of a login whose user has a second factor."""
        credentials = Credentials(normalized_email(email), password)
        result = await self.password_login.log_in(Call(None, METADATA), credentials, tenant_id)
        assert isinstance(result, LoginChallenge), "a second factor is due"
        return result

    async def answer(self, challenge: LoginChallenge, answer: Answer) -> LoginResult:
        """The login by an answer to a challenge."""
        return await self.second_factor_login.log_in(Call(None, METADATA), challenge.text, answer)

    def call(self, who: LoginResult | Caller, idempotency: IdempotentRequest | None = None) -> Call:
        """A call with the access token of a login, or of a caller."""
        caller = who if isinstance(who, Caller) else self.caller(who)
        return Call(caller, METADATA, idempotency=idempotency)

    def verified(self, tokens: Tokens) -> Caller:
        """The verified caller of an access token."""
        verifier = Verifier.of(self.settings, self.clock)
        verifier.trust({key.kid: key.public for key in self.signing_keys.published})
        return verifier.verify(tokens.access_token)

    def caller(self, result: LoginResult) -> Caller:
        """The verified caller of a login's access token."""
        return self.verified(result.tokens)

    async def events(self, who: LoginResult | Caller) -> list[Event]:
        """The events of a user's security log, the newest first."""
        events, _ = await self.activity.list(self.call(who), 100, "")
        return [event.event for event in events]

    async def logins_of(self, result: LoginResult) -> list[Login]:
        """All logins of a user in the store."""
        user_id = result.user.user_id
        return await self.store.read(lambda tx: logins_of(tx, user_id))

    async def prove(
        self, proof: Proof, who: LoginResult | None = None, new_password: str = ""
    ) -> User:
        """Proves an address, as a user who is logged in or as somebody else."""
        call = Call(None, METADATA) if who is None else self.call(who)
        return await self.proofs.prove(call, proof, new_password)

    async def register_proved(self, email: str = EMAIL) -> LoginResult:
        """Registers an account and proves its address; the login is the first one."""
        await self._sent()
        result = await self.register(email)
        secrets = (await self.mailed(EmailKind.VERIFY_EMAIL))[-1]
        await self.prove(Proof(secrets.token), result)
        return result

    async def recipients(self, kind: EmailKind) -> list[str]:
        """The addresses of the queued emails of one kind, the oldest first."""
        return [email.to for email, _ in await self._sent() if email.kind is kind]

    async def mailed(self, kind: EmailKind) -> list[Secrets]:
        """The secrets of the queued emails of one kind, the oldest first."""
        return [secrets for email, secrets in await self._sent() if email.kind is kind]

    async def _sent(self) -> list[tuple[QueuedEmail, Secrets]]:
        """All emails so far. It takes them out of the queue, as if they were sent."""
        rows = await rows_between(self.store, *notifications.EMAILS.rows.range())
        for _, value in rows:
            item = storage_pb2.WorkItem.FromString(value)
            email, sealed = notifications.parse_email(item.payload)
            packed = self.seal.open(sealed) if sealed else b""
            self._emails.append((email, notifications.parse_secrets(packed)))

        async def clear(tx: Write) -> None:
            for key, _ in rows:
                tx.clear(key)

        await self.store.write(clear)
        return self._emails

    async def revoked(self) -> list[Revocation]:
        """The whole revocation log."""
        rows = await self.store.read(lambda tx: revocations.revocations_after(tx, b"", 1000))
        return [revocation for _, revocation in rows]

    async def tasks(self) -> list[OutboxTask]:
        """The tasks in the outbox."""
        rows = await rows_between(self.store, *outbox.OUTBOX.rows.range())
        return [outbox.parse_task(value) for _, value in rows]


async def several_logins(harness: AuthHarness, clock: FixedClock, count: int) -> list[Login]:
    """`count` logins of a new user, one per second, ordered by their last use."""
    result = await harness.register()
    for _ in range(count - 1):
        clock.advance(seconds=1)
        await harness.log_in()
    clock.advance(seconds=1)
    return sorted(await harness.logins_of(result), key=lambda login: login.last_used_time)


def ensure_self_tenant(user: User) -> OutboxTask:
    """The outbox task that a registration adds."""
    return OutboxTask(TaskKind.ENSURE_SELF_TENANT, user.user_id, user.create_time)


def registration(
    email: str = EMAIL, password: str = PASSWORD, first_name: str = "Ada", company: str = ""
) -> accounts_pb2.RegisterRequest:
    """A valid request for an account."""
    return accounts_pb2.RegisterRequest(
        email=email,
        password=password,
        first_name=first_name,
        last_name="Lovelace",
        company=company,
    )


def check_registration(request: accounts_pb2.RegisterRequest) -> None:
    """Checks a request like the interceptor. Raises `InvalidRequest`."""
    own_check = password_check(PasswordPolicy(make_settings()))
    check_request(checks_of(request.DESCRIPTOR), request, own_check)


def shortened(text: str) -> str:
    """A short test id for a long text."""
    return ascii(text)[:24]

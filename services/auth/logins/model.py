"""What a login is, and what it gives."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from kernel import self_tenant
from kernel.errors import ReauthenticationRequired
from kernel.identity import scopes as all_scopes
from kernel.identity.callers import FIRST_PARTY, Assurance, Role
from kernel.identity.devices import Device
from kernel.identity.programs import NO_PROGRAM, Program
from services.auth.users.model import User

CLOCK_SKEW = timedelta(seconds=5)
"""How much the clocks of two replicas may differ."""
_LONG_AGO = datetime.fromtimestamp(0, UTC)
_FAR_AWAY = datetime.max.replace(tzinfo=UTC)


class Method(StrEnum):
    """How a user has proved who they are, as a token names it in `amr` (RFC 8176)."""

    PASSWORD = "pwd"  # noqa: S105 - no secret
    ONE_TIME_CODE = "otp"
    """A code of an authenticator app, or a recovery code."""
    KEY = "pop"
    """A passkey."""
    VERIFIED_USER = "user"
    """The passkey has verified its user, by a PIN or a part of the body."""
    TWO_FACTORS = "mfa"


PASSWORD_ALONE = frozenset({Method.PASSWORD})
CODE = frozenset({Method.ONE_TIME_CODE})
PASSKEY = frozenset({Method.KEY})
VERIFIED_PASSKEY = frozenset({Method.KEY, Method.VERIFIED_USER})


def together(*proofs: AbstractSet[Method]) -> frozenset[Method]:
    """What several proofs in one login are together."""
    methods = frozenset[Method]().union(*proofs)
    knows = bool(methods & {Method.PASSWORD, Method.VERIFIED_USER})
    has = bool(methods & {Method.ONE_TIME_CODE, Method.KEY})
    return methods | {Method.TWO_FACTORS} if knows and has else methods


def assurance_of(methods: AbstractSet[Method]) -> Assurance:
    """How surely the user is known by these methods."""
    return Assurance.AAL2 if Method.TWO_FACTORS in methods else Assurance.AAL1


class LoginLimits(NamedTuple):
    """How long logins last, in seconds; None for no limit.

    Attributes:
        idle: The time without a refresh after which a login ends.
        life: The time after which it ends however often it is refreshed.
    """

    idle: int | None = None
    life: int | None = None

    def end(self, create_time: datetime, last_used_time: datetime) -> datetime:
        """When a login ends unless it is used again; far away without a limit."""
        ends = [_FAR_AWAY]
        if self.idle is not None:
            ends.append(last_used_time + timedelta(seconds=self.idle))
        if self.life is not None:
            ends.append(create_time + timedelta(seconds=self.life))
        return min(ends)

    def require(self, user: User, login: "Login", now: datetime) -> None:
        """Raises `ReauthenticationRequired` if a login is too old, or was not used for too long."""
        if self.end(login.create_time, login.last_used_time) <= now:
            raise self.reached(user)

    def reached(self, user: User) -> ReauthenticationRequired:
        """The error of a login that is too old, or was not used for too long."""
        longest = min(one for one in self if one is not None)
        proof = "second_factor" if user.second_factor else "password"
        return ReauthenticationRequired({"maxAgeSeconds": str(longest), "proof": proof})


NO_LIMITS = LoginLimits()


@dataclass(frozen=True, slots=True)
class Login:
    """A login on one device: the family of refresh tokens that descend from its first one.

    The grant of a program is one, too: it has the program's client id and scopes.
    """

    login_id: UUID
    user_id: UUID
    tenant_id: UUID
    """The tenant that its access tokens are for."""
    role: Role
    create_time: datetime
    last_used_time: datetime
    expire_time: datetime
    device: Device
    token_hash: bytes
    """SHA-256 of the refresh token in force."""
    previous_token_hash: bytes
    """SHA-256 of the one before; empty before the first rotation."""
    rotation_salt: bytes
    """Together with the previous token it gives the token in force."""
    rotate_time: datetime
    device_id: UUID
    """The id of the first login on the device, as far as the account knows it; else its own."""
    auth_time: datetime
    """When the user last proved who they are."""
    methods: frozenset[Method] = PASSWORD_ALONE
    """How."""
    limits: LoginLimits = NO_LIMITS
    """Those of its tenant, as they were when it last got tokens for that tenant."""
    client_id: str = FIRST_PARTY
    """The program that acts for the user; `FIRST_PARTY` for the user's own login."""
    scopes: frozenset[str] = all_scopes.ALL
    """What its access tokens are good for."""

    @property
    def is_grant(self) -> bool:
        """Whether it is the grant of a program."""
        return self.client_id != FIRST_PARTY

    @property
    def program(self) -> Program:
        """The program that acts in it, as records name it."""
        return Program(self.client_id) if self.is_grant else NO_PROGRAM

    def auth_time_at(self, now: datetime) -> datetime:
        """When the user last proved who they are, as far as that is known now.

        A time in the future is that of a clock that was ahead. It counts as long ago, because it
        would count as recent once more when it comes.
        """
        return self.auth_time if self.auth_time <= now + CLOCK_SKEW else _LONG_AGO


@dataclass(frozen=True, slots=True)
class LoginTenant:
    """The tenant that a login is for, as its user sees it."""

    tenant_id: UUID
    name: str
    slug: str
    kind: str
    role: str
    state: str
    create_time: datetime
    epoch: int = 0
    """The epoch of the tenant at which the role was read; always 0 in a self-tenant."""
    second_factor_required: bool = False
    """Whether members act in it only with a second factor."""
    limits: LoginLimits = NO_LIMITS
    """Those of the tenant's policy."""
    programs_allowed: bool = True
    """Whether programs get access tokens for it, and not only the user's own logins."""
    longest_token_days: int = 0
    """How long a personal access token is good in it at most; 0 for no limit."""

    @property
    def is_self_tenant(self) -> bool:
        """Whether it is the self-tenant of a user."""
        return self.kind == self_tenant.KIND

    @classmethod
    def self_tenant(cls, user_id: UUID, create_time: datetime) -> "LoginTenant":
        """The self-tenant of a user: nothing in it can change, so tenants need not be asked."""
        tenant_id = self_tenant.self_tenant_id(user_id)
        return cls(
            tenant_id=tenant_id,
            name=self_tenant.NAME,
            slug=self_tenant.slug(tenant_id),
            kind=self_tenant.KIND,
            role=str(Role.OWNER),
            state=self_tenant.ACTIVE,
            create_time=create_time,
        )


class TenantName(NamedTuple):
    """A tenant among which a user chooses.

    Attributes:
        tenant_id: Its id.
        name: Its display name.
        kind: `self` or `organization`.
    """

    tenant_id: UUID
    name: str
    kind: str

    @property
    def is_self_tenant(self) -> bool:
        """Whether it is the self-tenant of the user."""
        return self.kind == self_tenant.KIND


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a client needs to act as the user."""

    access_token: str
    refresh_token: str | None
    """None where the client keeps the one that it has."""
    expires_in: int
    """The life of the access token in seconds."""
    login_expires_in: int
    """The time in seconds after which the login ends unless it is refreshed."""


@dataclass(frozen=True, slots=True)
class LoginChallenge:
    """What a user with a second factor must answer before a login begins."""

    text: str
    kinds: list[str]
    """The kinds of factors that the user has."""
    passkey_options: Mapping[str, Any] | None
    """What a browser needs to ask for a passkey; None if the user has none."""
    expire_time: datetime
    recovery_time: datetime | None = None
    """When the factors can be removed, if a recovery is under way."""


@dataclass(frozen=True, slots=True)
class LoginResult:
    """The answer to a login: the user, the tenant, and the tokens for it."""

    user: User
    tenant: LoginTenant
    tokens: Tokens
    device_token: str = ""
    """The secret by which the account knows the device; only of a new login."""

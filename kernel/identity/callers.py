"""Who calls, and the call itself as use cases see it."""

from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal, TypeAlias
from uuid import UUID

from kernel.idempotent_request import IdempotentRequest
from kernel.identity import scopes as all_scopes
from kernel.identity.devices import Device, device_of
from kernel.identity.programs import NO_PROGRAM, Program

FIRST_PARTY = "coditect"
"""The `client_id` in the tokens of a user's own login."""
_LANGUAGE_CHARACTERS = 256
_PAIR = 2  # a name and a value
_SET_COOKIE = "set-cookie"


STATUS_HEADER = "x-coditect-status"
"""How a service tells the gateway the HTTP status of an answer without an envelope."""

SameSite: TypeAlias = Literal["Strict", "Lax"]


class Role(IntEnum):
    """A role in a tenant; a larger one includes the smaller ones."""

    MEMBER = 1
    ADMIN = 2
    OWNER = 3

    def __str__(self) -> str:
        """The spelling in tokens and JSON: `owner`, `admin` or `member`."""
        return self.name.lower()

    @classmethod
    def parse(cls, name: str) -> "Role":
        """The role of that spelling. Raises `KeyError`."""
        return _ROLES[name]


_ROLES = {str(role): role for role in Role}


class Assurance(IntEnum):
    """How surely a user is known (NIST SP 800-63B-4, section 2); a larger one includes the smaller."""

    AAL1 = 1
    """By one factor."""
    AAL2 = 2
    """By two factors."""

    def __str__(self) -> str:
        """The spelling in tokens: `aal1` or `aal2`."""
        return self.name.lower()

    @classmethod
    def parse(cls, name: str) -> "Assurance":
        """The assurance of that spelling. Raises `KeyError`."""
        return _ASSURANCES[name]


_ASSURANCES = {str(assurance): assurance for assurance in Assurance}


@dataclass(frozen=True, slots=True)
class Caller:
    """The user or service account behind a valid access token."""

    user_id: UUID
    """The user, or the service account."""
    tenant_id: UUID
    role: Role
    login_id: UUID
    """The `sid` of the token: the login, the grant of a program, or the personal token or key."""
    issue_second: int
    """The `iat` of the token, in seconds since 1970."""
    expire_second: int
    """The `exp` of the token, in seconds since 1970."""
    tenant_epoch: int = 0
    """The epoch of the tenant at which the role was read; always 0 in a self-tenant."""
    tenant_suspended: bool = False
    """Whether the tenant was suspended then: its owners may resume it."""
    email_verified: bool = False
    """Whether the user had proved the email address when the token was issued."""
    auth_second: int = 0
    """The `auth_time` of the token: when the user last proved who they are in this login."""
    assurance: Assurance = Assurance.AAL1
    """The `acr` of the token: how surely the user is known in this login."""
    has_second_factor: bool = False
    """Whether the user had a second factor when the token was issued."""
    second_factor_required: bool = False
    """Whether the tenant asks for a second factor that is missing in this login."""
    client_id: str = FIRST_PARTY
    """The program that acts for the user; `FIRST_PARTY` for the user's own login."""
    scopes: frozenset[str] = all_scopes.ALL
    """What the token is good for (`kernel.identity.scopes`)."""
    token_id: UUID | None = None
    """The personal token, key or workspace token that the access token was made from."""
    session_id: UUID | None = None
    """The workspace session that a workspace token works in, and the only one that it reaches."""
    agent: str = ""
    """Who acts for the user, as the `act` of the token says (RFC 8693, section 4.1)."""
    is_service_account: bool = False
    """Whether it is a service account: not a user, and only in its tenant."""
    operator: bool = False
    """Whether the user runs the product for others, and has shown two factors in this login."""
    sources: tuple[UUID, ...] = ()
    """What else the token comes from: it ends when one of them is revoked."""

    @property
    def is_program(self) -> bool:
        """Whether a program calls, and not the user in a login of their own."""
        return self.client_id != FIRST_PARTY or self.token_id is not None

    @property
    def program(self) -> Program:
        """Which program calls, as logs keep it."""
        if not self.is_program:
            return NO_PROGRAM
        client_id = "" if self.client_id == FIRST_PARTY else self.client_id
        return Program(client_id, self.token_id, self.agent)


class Call:
    """A call as use cases see it. The interceptor makes it before the method runs.

    Args:
        caller: The user; None in a public method without one.
        metadata: What came with the call, by lowercase names.
        idempotency: What tells a repeat; None without an idempotency key.
        tenant_id: The tenant that the request names; the caller's active one if it names none.
        least_role: The role that the method asks for in that tenant.
        others_least_role: The role that reaches what belongs to others; None where none does.

    Attributes:
        idempotency: As given.
        tenant_id: As given. A token alone does not show that the caller belongs to a tenant that
            the request names: `memberships.authorization` asks the store.
        least_role: As given.
        others_least_role: As given.
    """

    __slots__ = (
        "_answer",
        "_caller",
        "_metadata",
        "idempotency",
        "least_role",
        "others_least_role",
        "tenant_id",
    )

    def __init__(
        self,
        caller: Caller | None,
        metadata: Mapping[str, str] | None = None,
        *,
        idempotency: IdempotentRequest | None = None,
        tenant_id: UUID | None = None,
        least_role: Role = Role.MEMBER,
        others_least_role: Role | None = None,
    ) -> None:
        self._caller = caller
        self._metadata = metadata or {}
        self._answer: list[tuple[str, str]] = []
        self.idempotency = idempotency
        if tenant_id is None and caller is not None:
            tenant_id = caller.tenant_id
        self.tenant_id: UUID = tenant_id  # type: ignore[assignment] # a public call has no tenant
        self.least_role = least_role
        self.others_least_role = others_least_role

    def of(self, caller: Caller) -> "Call":
        """The call of a user whom a public method has recognized itself. Its answer is the same one."""
        return self._with(caller)

    def anonymous(self) -> "Call":
        """The call without a user. Its answer is the same one."""
        return self._with(None)

    def _with(self, caller: Caller | None) -> "Call":
        call = Call(caller, self._metadata)
        call._answer = self._answer
        return call

    @property
    def caller_if_any(self) -> Caller | None:
        """The user; None in a public method, and without a token where the user is optional."""
        return self._caller

    @property
    def caller(self) -> Caller:
        """The user; only in methods for users."""
        assert self._caller is not None, "a public method has no caller"
        return self._caller

    @property
    def device(self) -> Device:
        """What the call comes from, as far as its metadata tells."""
        return device_of(self._metadata)

    @property
    def cookies(self) -> Mapping[str, str]:
        """The cookies that came with the call, as far as the gateway passes them on."""
        pairs = (
            pair.strip(" ").split("=", 1) for pair in self._metadata.get("cookie", "").split(";")
        )
        return {pair[0]: pair[1] for pair in pairs if len(pair) == _PAIR}

    @property
    def authorization(self) -> str:
        """The Authorization header of the call; empty without one."""
        return self.header("authorization")

    def header(self, name: str) -> str:
        """A header of the call, by its name in lowercase; empty without one."""
        return self._metadata.get(name, "")

    def set_cookie(
        self, name: str, value: str, seconds: int, *, same_site: SameSite = "Strict"
    ) -> None:
        """Sets a cookie with the answer: for this host, over TLS, and for no script.

        Args:
            name: Its name, which begins with `__Host-`.
            value: Its value: A to Z, a to z, digits, `-` and `_`.
            seconds: How long the client keeps it; 0 removes it.
            same_site: `Strict` if it comes only with calls of our own pages, `Lax` if also with a
                link from elsewhere.
        """
        cookie = f"{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; Secure"
        self._answer.append((_SET_COOKIE, f"{cookie}; SameSite={same_site}"))

    def set_header(self, name: str, value: str) -> None:
        """Sets a header of the answer, by its name in lowercase."""
        self._answer.append((name, value))

    def set_status(self, status: int) -> None:
        """Sets the HTTP status of the answer; only in a method whose answer has no envelope."""
        self._answer.append((STATUS_HEADER, str(status)))

    @property
    def answer_metadata(self) -> Sequence[tuple[str, str]]:
        """What goes with the answer: the headers, cookies and status that were set."""
        return self._answer

    @property
    def answer_cookies(self) -> Sequence[tuple[str, str]]:
        """What goes with the answer even if it is an error: the cookies that were set."""
        return [header for header in self._answer if header[0] == _SET_COOKIE]

    @property
    def accept_language(self) -> str:
        """The languages that the client asks for (RFC 9110, section 12.5.4); may be empty."""
        return self._metadata.get("accept-language", "")[:_LANGUAGE_CHARACTERS]

    @property
    def may_manage_others(self) -> bool:
        """Whether the caller's token reaches what belongs to others in the active tenant.

        A workspace token does not, whatever its role is.
        """
        least, caller = self.others_least_role, self.caller
        return least is not None and caller.role >= least and caller.session_id is None


_current: ContextVar[Call] = ContextVar("call")


def current_call() -> Call:
    """The call that is being answered."""
    return _current.get()


def enter_call(call: Call) -> None:
    """Makes the call current until it is answered."""
    _current.set(call)


def log_fields() -> Mapping[str, str]:
    """Who makes the current call, as log lines have it: user, tenant and program; empty without a user."""
    call = _current.get(None)
    if call is None or (caller := call.caller_if_any) is None:
        return {}
    fields = {"user_id": str(caller.user_id), "tenant_id": str(caller.tenant_id)}
    fields["client_id"] = caller.client_id
    if caller.token_id is not None:
        fields["token_id"] = str(caller.token_id)
    return fields

"""The errors of an operation: those that its options name, and those that follow from its options."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from gateway.contract import ContractError, Method, Route
from gateway.envoy import local_replies as replies


@dataclass(frozen=True)
class ServiceReason:
    """A reason of a service, as its error class declares it.

    Attributes:
        status: The HTTP status.
        message: The message in the envelope.
    """

    status: int
    message: str


@dataclass(frozen=True)
class Derived:
    """Reasons that follow from the options of a method.

    Attributes:
        methods: A description of the methods that return them.
        reasons: The reasons.
        applies: Whether a method returns them.
    """

    methods: str
    reasons: tuple[str, ...]
    applies: Callable[[Method], bool]


DERIVED = (
    Derived(
        "every method",
        ("STORAGE_UNAVAILABLE", "DEADLINE_EXCEEDED", "INTERNAL"),
        lambda _: True,
    ),
    Derived(
        "every method with request fields or `X-Coditect-Tokens`",
        ("INVALID_REQUEST",),
        lambda method: (
            method.login_tokens
            or (bool(method.fields) and (method.download or not method.streaming))
        ),
    ),
    Derived(
        "every method that writes",
        ("STORAGE_CONFLICT", "STORAGE_FULL"),
        lambda method: method.writes,
    ),
    Derived(
        "every method with a page token",
        ("PAGE_TOKEN_INVALID",),
        lambda method: "page_token" in method.fields,
    ),
    Derived(
        "every method that takes an `Idempotency-Key`",
        ("IDEMPOTENCY_KEY_INVALID", "IDEMPOTENCY_KEY_REUSED", "IDEMPOTENCY_LIMIT_REACHED"),
        lambda method: method.idempotent,
    ),
    Derived(
        "every method that takes `X-Coditect-Tokens`",
        ("ORIGIN_NOT_ALLOWED",),
        lambda method: method.login_tokens,
    ),
    Derived(
        "every download",
        ("DOWNLOAD_LIMIT_REACHED",),
        lambda method: method.download,
    ),
    Derived(
        "every method that takes an access token",
        (
            "ACCESS_TOKEN_MISSING",
            "ACCESS_TOKEN_INVALID",
            "ACCESS_TOKEN_EXPIRED",
            "ACCESS_TOKEN_REVOKED",
            "REVOCATIONS_STALE",
            "SCOPE_MISSING",
        ),
        lambda method: method.rule.takes_token,
    ),
    Derived(
        "every method for operators",
        ("OPERATOR_REQUIRED",),
        lambda method: method.rule.operator,
    ),
    Derived(
        "every method that needs a recent proof of who the user is",
        ("REAUTHENTICATION_REQUIRED",),
        lambda method: bool(method.rule.recent_seconds),
    ),
    Derived(
        "every method with a role in a tenant, and every one that asks for a second factor",
        ("SECOND_FACTOR_REQUIRED",),
        lambda method: (
            method.rule.in_tenant
            or bool(method.rule.tenant_field)
            or method.rule.strongest
            or method.rule.needs_two_factors
        ),
    ),
    Derived(
        "every method with a role in a tenant",
        ("TENANT_SUSPENDED",),
        lambda method: method.rule.in_tenant or bool(method.rule.tenant_field),
    ),
    Derived(
        "every method with a role in the tenant of its path",
        ("TENANT_NOT_FOUND", "TENANT_NOT_ACTIVE"),
        lambda method: bool(method.rule.tenant_field),
    ),
    Derived(
        "every method with a role above `member`",
        ("ROLE_MISSING",),
        lambda method: method.rule.least_role > min(type(method.rule.least_role)),
    ),
    Derived(
        "every method for services",
        ("SERVICE_TOKEN_INVALID", "SERVICE_NOT_ALLOWED", "PEER_UNKNOWN"),
        lambda method: bool(method.rule.services),
    ),
)
"""The reasons common to all services, by the methods that return them."""

_REPLY_TO = {reply.status: reply for reply in replies.BY_STATUS}
NOT_IMPLEMENTED = replies.Reply(501, "NOT_IMPLEMENTED", "The service does not know this call.")
_UNREAD = (_REPLY_TO[400], _REPLY_TO[408], _REPLY_TO[431], replies.TOO_MANY_HEADERS)
# A method without request fields takes a body, too: one without members.
_OF_BODIES = (replies.UNKNOWN_FIELD, _REPLY_TO[413], _REPLY_TO[415])
_OF_CALLS = (
    *_OF_BODIES,
    replies.RATE_LIMITED,
    replies.INTERNAL,
    NOT_IMPLEMENTED,
    _REPLY_TO[503],
    _REPLY_TO[504],
)
_OF_DOWNLOADS = (_REPLY_TO[505],)

Errors = dict[int, dict[str, str]]
"""The message of each code, by HTTP status. Both are sorted."""


def reasons_of(method: Method) -> list[str]:
    """Returns the reasons with which a service may refuse a method."""
    derived = [reason for rule in DERIVED if rule.applies(method) for reason in rule.reasons]
    return list(dict.fromkeys((*method.reasons, *derived)))


def errors_of(route: Route, known: Mapping[str, ServiceReason]) -> Errors:
    """Returns the errors of an operation.

    Args:
        route: The operation.
        known: The reasons that services define.

    Raises:
        ContractError: The method declares a reason that no service defines.
    """
    unknown = set(route.method.reasons) - known.keys()
    if unknown:
        raise ContractError(f"{route.method.full_name} declares unknown reasons: {unknown}")
    services = ((reason, known[reason]) for reason in reasons_of(route.method))
    return _by_status(
        [
            *((found.status, reason, found.message) for reason, found in services),
            *_of_replies((*_UNREAD, *_OF_CALLS, *(_OF_DOWNLOADS if route.method.download else ()))),
        ]
    )


def probe_errors(not_serving: replies.Reply) -> Errors:
    """Returns the errors of a probe, which the gateway serves itself.

    Args:
        not_serving: Its response when not serving.
    """
    return _by_status([*_of_replies((*_UNREAD, replies.RATE_LIMITED, not_serving))])


def _of_replies(given: Iterable[replies.Reply]) -> Iterator[tuple[int, str, str]]:
    for reply in given:
        yield reply.answer or reply.status, reply.code, reply.message


def _by_status(found: Iterable[tuple[int, str, str]]) -> Errors:
    errors: Errors = {}
    for status, code, message in sorted(found):
        errors.setdefault(status, {}).setdefault(code, message)
    return errors

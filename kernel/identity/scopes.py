"""What a program may do for a user: the scopes of the contract, by their names in tokens.

An access token has them in `scope`, separated by spaces (RFC 9068, section 2.2.3; RFC 6749, section
3.3). The token of a user's own login has all of them.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from coditect.access.v1 import access_pb2

_DESCRIPTOR = access_pb2.DESCRIPTOR.enum_types_by_name["Scope"]


def _options() -> Mapping[str, access_pb2.ScopeOption]:
    found: dict[str, access_pb2.ScopeOption] = {}
    for value in _DESCRIPTOR.values:
        extensions: Any = value.GetOptions().Extensions
        if value.number:
            option = extensions[access_pb2.scope]
            found[option.name] = option
    return MappingProxyType(found)


_OPTIONS = _options()

LOGIN = "login"
"""What only the user's own login may do."""
ACCOUNT_READ = "account:read"
ACCOUNT_WRITE = "account:write"
TENANTS_READ = "tenants:read"
TENANTS_WRITE = "tenants:write"
SESSIONS_READ = "sessions:read"
SESSIONS_WRITE = "sessions:write"
OPENID = "openid"
PROFILE = "profile"
EMAIL = "email"
OFFLINE_ACCESS = "offline_access"

ALL = frozenset(_OPTIONS)
"""The scopes of a user's own login."""
GRANTABLE = frozenset(name for name, option in _OPTIONS.items() if option.grantable)
"""The scopes that a program can get."""
OF_SERVICE_ACCOUNTS = frozenset(name for name, option in _OPTIONS.items() if option.service_account)
"""The scopes that a service account can have."""


def name_of(scope: int) -> str:
    """The name of a value of the contract's `Scope`. Raises `KeyError` for an unknown one."""
    value = _DESCRIPTOR.values_by_number[scope]
    extensions: Any = value.GetOptions().Extensions
    name: str = extensions[access_pb2.scope].name
    if not name:
        raise KeyError(scope)
    return name


def parse(text: str) -> frozenset[str]:
    """The scopes of a text. Raises `ValueError` for one that does not exist."""
    names = frozenset(text.split(" ")) if text else frozenset[str]()
    if not names <= ALL:
        raise ValueError("Not a scope.")
    return names


def write(names: Iterable[str]) -> str:
    """The text of scopes, in one order."""
    return " ".join(sorted(names))


def consent(name: str) -> str:
    """What a user is asked to allow with a scope, in English."""
    return _OPTIONS[name].consent

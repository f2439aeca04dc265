"""No setting that a program accepts can overflow: checked for the settings of every program."""

import math
from typing import Any

import pytest

from kernel.settings import Settings, SettingsInvalid
from services.auth.settings import AuthSettings
from tests.support.service import ENVIRON, UNREACHABLE
from tests.support.setting_limits import most, numbers
from tools.docs.settings import SECTIONS

FIELDS = [
    pytest.param(declared, name, schema, id=f"{declared.__name__}.{name}")
    for declared in SECTIONS.values()
    for name, schema in numbers(declared).items()
]


@pytest.mark.parametrize(("declared", "name", "schema"), FIELDS)
def test_every_number_has_limits(
    declared: type[Settings], name: str, schema: dict[str, Any]
) -> None:
    """A number has a finite lower and upper bound, and what is beyond the upper one is refused."""
    assert "minimum" in schema or "exclusiveMinimum" in schema
    assert math.isfinite(most(schema))
    for text in ("999999999999", 5000 * "9", "1e999", "inf", "Infinity", "nan"):
        with pytest.raises(SettingsInvalid, match=f"{name.upper()}: "):
            declared.read({name.upper(): text})


@pytest.mark.parametrize(("memory", "lanes"), [(8, 2), (127, 16)])
def test_argon2_gets_enough_memory(memory: int, lanes: int) -> None:
    """Lanes without the memory that Argon2 needs for them are refused, not found at a first hash."""
    environ = {**ENVIRON, "TENANTS_ADDRESS": UNREACHABLE, "SESSIONS_ADDRESS": UNREACHABLE}
    environ |= {"ARGON2_MEMORY_KIB": str(memory), "ARGON2_LANES": str(lanes)}
    with pytest.raises(SettingsInvalid, match="ARGON2_LANES: needs 8 KiB"):
        AuthSettings.read(environ)
    AuthSettings.read({**environ, "ARGON2_MEMORY_KIB": str(8 * lanes)})


ANY = [
    pytest.param(declared, name, id=f"{declared.__name__}.{name}")
    for declared in SECTIONS.values()
    for name in declared.model_fields
]
WRONG = (
    "hunter2",
    "hunter2:99999999",
    "hunter2,\0",
    "smtp://user:hunter2@host:99999",
    "smtp://user:hunter2@[host",
    "smtp://user:hunter2@host?tls=none",
    "https://user:hunter2@host/*",
    "99hunter2",
)


@pytest.mark.parametrize(("declared", "name"), ANY)
def test_no_problem_quotes_a_value(declared: type[Settings], name: str) -> None:
    """What is wrong with a setting is said without its value, which may be a secret in a wrong place."""
    for text in WRONG:
        assert "hunter2" not in _problems(declared, {name.upper(): text})


def _problems(declared: type[Settings], environ: dict[str, str]) -> str:
    """What is wrong with the settings; empty if nothing is."""
    try:
        declared.read(environ)
    except SettingsInvalid as error:
        return str(error)
    return ""


def test_a_proof_of_addresses_needs_mail() -> None:
    """REGISTRATION=verified is refused where no email can be sent."""
    environ = {**ENVIRON, "TENANTS_ADDRESS": UNREACHABLE, "SESSIONS_ADDRESS": UNREACHABLE}
    environ |= {"REGISTRATION": "verified"}
    with pytest.raises(SettingsInvalid, match="REGISTRATION: verified needs MAIL_URL"):
        AuthSettings.read(environ)
    AuthSettings.read({**environ, "MAIL_URL": "file:///mail"})

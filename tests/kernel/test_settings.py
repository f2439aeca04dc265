"""Settings: read once, everything wrong named at once, no secret shown."""

import pytest
from cryptography.fernet import Fernet
from pydantic import ValidationError

from kernel.settings import Address, ServiceSettings, SettingsInvalid, secrets_of
from tests.support.service import ENVIRON, SERVICE_KEY


def problems(**environ: str) -> list[str]:
    """What is wrong with an environment."""
    with pytest.raises(SettingsInvalid) as error:
        ServiceSettings.read({**ENVIRON, **environ})
    return error.value.problems


def test_good_settings() -> None:
    """What is given is taken, the rest has its default, others' variables do not matter."""
    settings = ServiceSettings.read({**ENVIRON, "CALL_SECONDS": "2.5", "PATH": "/bin"})
    assert settings.listen == Address("127.0.0.1", 0)
    assert (settings.call_seconds, settings.token_seconds) == (2.5, 900)
    assert secrets_of(settings.service_keys) == [SERVICE_KEY]
    assert settings.metrics_listen is None


def test_all_that_is_missing_is_named() -> None:
    """One run tells of every setting that has no default."""
    with pytest.raises(SettingsInvalid) as error:
        ServiceSettings.read({})
    names = [problem.partition(":")[0] for problem in error.value.problems]
    assert names == ["STORE_URL", "LISTEN", "SERVICE_KEYS", "SEAL_KEYS"]


def test_an_empty_variable_is_a_missing_one() -> None:
    """`STORE_URL=` is as good as nothing, and an empty one with a default has it."""
    assert [problem.partition(":")[0] for problem in problems(STORE_URL="")] == ["STORE_URL"]
    assert ServiceSettings.read({**ENVIRON, "CALL_SECONDS": ""}).call_seconds == 10


def test_all_that_is_wrong_is_named() -> None:
    """Several mistakes make several lines, each with the name of its variable."""
    found = problems(LISTEN="nowhere", CALL_SECONDS="0", TOKEN_SECONDS="ten", LOG_LEVEL="LOUD")
    assert {problem.partition(":")[0] for problem in found} == {
        "LISTEN", "CALL_SECONDS", "TOKEN_SECONDS", "LOG_LEVEL",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("localhost:1", Address("localhost", 1)),
        ("0.0.0.0:65535", Address("0.0.0.0", 65535)),  # noqa: S104
        ("[::1]:50051", Address("[::1]", 50051)),
    ],
)
def test_good_addresses(text: str, address: Address) -> None:
    """A host and a port, also of IPv6; written again it is the same."""
    settings = ServiceSettings.read({**ENVIRON, "LISTEN": text})
    assert settings.listen == address
    assert str(settings.listen) == text


@pytest.mark.parametrize("text", ["host", ":1", "host:", "host:65536", "host:-1", "host:x", " "])
def test_bad_addresses(text: str) -> None:
    """What is not host and port is refused with the form that it should have."""
    assert problems(LISTEN=text) == ["LISTEN: must be host:port"]


def test_several_keys() -> None:
    """Keys are separated by commas, the one in force first; blanks do not matter."""
    first, second = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings = ServiceSettings.read({**ENVIRON, "SEAL_KEYS": f"{first} , {second}"})
    assert secrets_of(settings.seal_keys) == [first, second]


@pytest.mark.parametrize(
    "keys", ["secret", f"{SERVICE_KEY},", f"{SERVICE_KEY},secret", "schlüssel"]
)
def test_bad_keys(keys: str) -> None:
    """A key that is none is refused, without being quoted."""
    (problem,) = problems(SEAL_KEYS=keys)
    assert problem.startswith("SEAL_KEYS: must be")
    assert "secret" not in problem
    assert SERVICE_KEY not in problem


def test_no_key_is_shown() -> None:
    """Settings can be printed."""
    settings = ServiceSettings.read(ENVIRON)
    assert SERVICE_KEY not in repr(settings) + str(settings) + settings.model_dump_json()


def test_settings_do_not_change() -> None:
    """What was read stays."""
    settings = ServiceSettings.read(ENVIRON)
    with pytest.raises(ValidationError):
        settings.call_seconds = 1


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "[::1]", "localhost"])
def test_a_mesh_behind_which_nobody_else_gets(host: str) -> None:
    """What a sidecar says is believed by a service that only its sidecar reaches."""
    told = {"LISTEN": f"{host}:1", "MESH_TRUST_DOMAIN": "coditect.local"}
    assert ServiceSettings.read({**ENVIRON, **told}).mesh_trust_domain == "coditect.local"


@pytest.mark.parametrize("host", ["0.0.0.0", "[::]", "10.0.0.1", "auth"])  # noqa: S104 - refused
def test_a_mesh_that_anybody_gets_past(host: str) -> None:
    """On any other address somebody else could say it."""
    told = {"LISTEN": f"{host}:1", "MESH_TRUST_DOMAIN": "coditect.local"}
    assert problems(**told) == ["MESH_TRUST_DOMAIN: is only for a service that listens on loopback"]


@pytest.mark.parametrize("domain", ["Coditect", "a/b", "spiffe://a", "a b", "-a", "ä"])
def test_bad_trust_domains(domain: str) -> None:
    """A trust domain is a name, as SPIFFE spells it."""
    (problem,) = problems(MESH_TRUST_DOMAIN=domain)
    assert problem.startswith("MESH_TRUST_DOMAIN: must be a name")

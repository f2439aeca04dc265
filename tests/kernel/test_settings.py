"""Settings: read once, all problems named at once, no secret shown."""

import pytest
from cryptography.fernet import Fernet
from pydantic import ValidationError

from kernel.settings import Address, ServiceSettings, SettingsInvalid, SocketPath, secrets_of
from tests.support.service import ENVIRON, SERVICE_KEY


def problems(**environ: str) -> list[str]:
    """The problems of an environment."""
    with pytest.raises(SettingsInvalid) as error:
        ServiceSettings.read({**ENVIRON, **environ})
    return error.value.problems


def test_good_settings() -> None:
    """Given values are used, the others have defaults, and unknown variables are ignored."""
    settings = ServiceSettings.read({**ENVIRON, "CALL_SECONDS": "2.5", "PATH": "/bin"})
    assert settings.listen == Address("127.0.0.1", 0)
    assert (settings.call_seconds, settings.token_seconds) == (2.5, 900)
    assert secrets_of(settings.service_keys) == [SERVICE_KEY]
    assert settings.metrics_listen is None


def test_all_missing_settings_are_named() -> None:
    """One error names every missing setting without a default."""
    with pytest.raises(SettingsInvalid) as error:
        ServiceSettings.read({})
    names = [problem.partition(":")[0] for problem in error.value.problems]
    assert names == ["STORE_URL", "LISTEN", "SERVICE_KEYS", "SEAL_KEYS"]


def test_an_empty_variable_counts_as_missing() -> None:
    """`STORE_URL=` counts as missing, and an empty variable with a default has the default."""
    assert [problem.partition(":")[0] for problem in problems(STORE_URL="")] == ["STORE_URL"]
    assert ServiceSettings.read({**ENVIRON, "CALL_SECONDS": ""}).call_seconds == 10


def test_all_invalid_settings_are_named() -> None:
    """Each problem has a line with the name of its variable."""
    found = problems(LISTEN="nowhere", CALL_SECONDS="0", TOKEN_SECONDS="ten", LOG_LEVEL="LOUD")
    assert {problem.partition(":")[0] for problem in found} == {
        "LISTEN", "CALL_SECONDS", "TOKEN_SECONDS", "LOG_LEVEL",
    }  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "https://app.example.com", "https://app.example.com:8443", "http://localhost:8080",
        "http://127.0.0.1", "http://[::1]:8080", "https://a", "https://192.0.2.1",
    ],
)  # fmt: skip
def test_an_issuer_is_a_public_url(text: str) -> None:
    """Its tokens are for the API there, unless the operator names another audience."""
    environ = {**ENVIRON, "TOKEN_ISSUER": text}
    settings = ServiceSettings.read(environ)
    assert (settings.token_issuer, settings.token_audience) == (text, f"{text}/api/v5")
    other = ServiceSettings.read({**environ, "TOKEN_AUDIENCE": "https://api.example.com/v5"})
    assert other.token_audience == "https://api.example.com/v5"


@pytest.mark.parametrize(
    "text",
    [
        "app.example.com", "http://app.example.com", "https://", "https://app.example.com/",
        "https://app.example.com/path", "https://app.example.com?", "https://app.example.com#",
        "https://App.example.com", "https://app.example.com:443", "https://user@app.example.com",
        "https://app.example.com:", "https://app.example.com:99999", "ftp://app.example.com",
        "https://app.example.com ", "HTTPS://app.example.com", "https://a b", "http://localhost.com",
        "https://[::1", "https://b\u00fccher.example",
    ],
)  # fmt: skip
def test_another_text_is_no_issuer(text: str) -> None:
    """Programs compare it character by character, so it has one spelling, without a path."""
    (problem,) = problems(TOKEN_ISSUER=text)
    assert problem.startswith("TOKEN_ISSUER: must be https://HOST")


@pytest.mark.parametrize("text", ["coditect-v5", "https://a/?x", "https://a/b#", "https://a/b/"])
def test_another_text_is_no_audience(text: str) -> None:
    """It is the identifier of a resource (RFC 8707): a URL without a fragment."""
    (problem,) = problems(TOKEN_AUDIENCE=text)
    assert problem.startswith("TOKEN_AUDIENCE: must be")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("localhost:1", Address("localhost", 1)),
        ("0.0.0.0:65535", Address("0.0.0.0", 65535)),  # noqa: S104
        ("[::1]:50051", Address("[::1]", 50051)),
    ],
)
def test_good_addresses(text: str, address: Address) -> None:
    """A host and a port, also for IPv6; its text parses to the same address."""
    settings = ServiceSettings.read({**ENVIRON, "LISTEN": text})
    assert settings.listen == address
    assert str(settings.listen) == text


@pytest.mark.parametrize(
    "text",
    [
        "host",
        ":1",
        "host:",
        "host:65536",
        "host:-1",
        "host:x",
        " ",
        "host:٨٠",
        "host:" + 5000 * "1",
    ],
)
def test_bad_addresses(text: str) -> None:
    """Other texts are refused with the expected form."""
    assert problems(LISTEN=text) == ["LISTEN: must be host:port or unix:/path"]


def test_a_socket() -> None:
    """A service can listen on a Unix socket; its text parses to the same path."""
    settings = ServiceSettings.read({**ENVIRON, "LISTEN": "unix:/run/coditect/auth.sock"})
    assert settings.listen == SocketPath("/run/coditect/auth.sock")
    assert str(settings.listen) == "unix:/run/coditect/auth.sock"


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "run/auth",
        "/run/a b",
        "/run/a,b",
        "/run/a%41",
        "/run/a?b",
        "/run/\u00fc",
        "//a",
        "/a/",
    ],
)
def test_bad_paths_of_sockets(path: str) -> None:
    """GRPC would read another path, and a list of addresses would end at a comma."""
    (problem,) = problems(LISTEN=f"unix:{path}")
    assert problem.startswith("LISTEN: must be unix: and an absolute path")


def test_a_path_too_long_for_a_socket() -> None:
    """The longest path that every system takes is good; one byte more is named."""
    longest = f"/{'x' * 102}"
    assert ServiceSettings.read({**ENVIRON, "LISTEN": f"unix:{longest}"}).listen == SocketPath(
        longest
    )
    assert problems(LISTEN=f"unix:{longest}x") == [
        "LISTEN: has a path of 104 bytes; a socket's has 103 at most"
    ]


def test_metrics_are_not_on_a_socket() -> None:
    """Prometheus asks over TCP."""
    assert problems(METRICS_LISTEN="unix:/run/a") == ["METRICS_LISTEN: must be host:port"]


def test_several_keys() -> None:
    """Keys are separated by commas, the current one first; blanks are ignored."""
    first, second = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings = ServiceSettings.read({**ENVIRON, "SEAL_KEYS": f"{first} , {second}"})
    assert secrets_of(settings.seal_keys) == [first, second]


@pytest.mark.parametrize(
    "keys", ["secret", f"{SERVICE_KEY},", f"{SERVICE_KEY},secret", "schlüssel"]
)
def test_bad_keys(keys: str) -> None:
    """An invalid key is refused, without being quoted."""
    (problem,) = problems(SEAL_KEYS=keys)
    assert problem.startswith("SEAL_KEYS: must be")
    assert "secret" not in problem
    assert SERVICE_KEY not in problem


def test_no_key_is_shown() -> None:
    """Printed settings show no key."""
    settings = ServiceSettings.read(ENVIRON)
    assert SERVICE_KEY not in repr(settings) + str(settings) + settings.model_dump_json()


def test_settings_do_not_change() -> None:
    """Settings are immutable."""
    settings = ServiceSettings.read(ENVIRON)
    with pytest.raises(ValidationError):
        settings.call_seconds = 1


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "[::1]", "localhost"])
def test_a_mesh_requires_a_loopback_address(host: str) -> None:
    """A service on loopback, which only its sidecar reaches, may trust the sidecar's header."""
    environ = {"LISTEN": f"{host}:1", "MESH_TRUST_DOMAIN": "coditect.local"}
    assert ServiceSettings.read({**ENVIRON, **environ}).mesh_trust_domain == "coditect.local"
    environ["LISTEN"] = "unix:/run/service/grpc"
    assert ServiceSettings.read({**ENVIRON, **environ}).mesh_trust_domain == "coditect.local"


@pytest.mark.parametrize("host", ["0.0.0.0", "[::]", "10.0.0.1", "auth"])  # noqa: S104 - refused
def test_a_mesh_on_another_address_is_refused(host: str) -> None:
    """On any other address, other clients could forge the header."""
    environ = {"LISTEN": f"{host}:1", "MESH_TRUST_DOMAIN": "coditect.local"}
    assert problems(**environ) == [
        "MESH_TRUST_DOMAIN: is only for a service that listens on loopback or on a Unix socket"
    ]


@pytest.mark.parametrize("domain", ["Coditect", "a/b", "spiffe://a", "a b", "-a", "ä"])
def test_bad_trust_domains(domain: str) -> None:
    """A trust domain is a name as in SPIFFE."""
    (problem,) = problems(MESH_TRUST_DOMAIN=domain)
    assert problem.startswith("MESH_TRUST_DOMAIN: must be a name")

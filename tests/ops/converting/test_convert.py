"""Exports of other systems become lines that an import takes."""

import json
from pathlib import Path
from typing import Any

import pytest

from ops.__main__ import main
from ops.converting.command import SOURCES
from services.auth.passwords.formats import parse
from services.auth.passwords.notations import affordable, stored_form
from tests.ops.importing.harness import PASSWORD

SAMPLES = Path(__file__).parent / "samples"
CONVERTED = {"keycloak": 6, "supabase": 3, "auth0": 3, "better-auth": 3}
LEFT_OUT = {"keycloak": 1, "supabase": 1, "auth0": 1, "better-auth": 0}


def convert(source: str, path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    """The exit code, and what was printed."""
    code = main(["convert", source, str(path)])
    return code, *capsys.readouterr()


def lines_of(source: str, capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """The lines of a sample."""
    (path,) = SAMPLES.glob(f"{source}.*")
    code, out, err = convert(source, path, capsys)
    assert err.count("is left out") == LEFT_OUT[source]
    assert code == (1 if LEFT_OUT[source] else 0)
    return [json.loads(line) for line in out.splitlines()]


@pytest.mark.parametrize("source", sorted(SOURCES))
def test_the_sample_of_each_source(source: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Every user has an address, and the hash of the sample's password."""
    lines = lines_of(source, capsys)
    assert len(lines) == CONVERTED[source]
    for line in lines:
        assert line["email"].endswith("@example.com")
        text = stored_form(line["passwordHash"])
        assert text is not None
        assert affordable(text)
        stored = parse(text)
        assert stored is not None
        assert stored.matches(PASSWORD.encode())
    assert [line.get("disabled", False) for line in lines].count(True) == 1


def test_factors_of_keycloak(capsys: pytest.CaptureFixture[str]) -> None:
    """The text of an app's secret is the key; a passkey knows the user by the id as a text."""
    line = lines_of("keycloak", capsys)[4]
    app, passkey = line["factors"]
    assert (app["name"], app["algorithm"], app["digits"], app["period"]) == ("Phone", "SHA1", 6, 30)
    assert app["secret"] == "KNFFOM3CI5FFMOLMIVKVCYJYN5JHE6CT"
    assert (passkey["rpId"], passkey["signCount"]) == ("localhost", 3)
    assert passkey["transports"] == ["hybrid", "internal"]


def test_names_and_times(capsys: pytest.CaptureFixture[str]) -> None:
    """A whole name is divided at its last blank; times without a zone are UTC."""
    ada, grace, _ = lines_of("better-auth", capsys)
    assert (ada["firstName"], ada["lastName"]) == ("Ada", "Lovelace")
    assert ada["createTime"] == "2024-01-15T09:30:00.123000+00:00"
    assert (grace["firstName"], grace.get("lastName")) == ("Grace", None)
    assert "id" in grace
    assert "id" not in ada


@pytest.mark.parametrize("source", sorted(SOURCES))
@pytest.mark.parametrize(
    "text",
    [
        "",
        "secret",
        "[]",
        "[1]",
        "{}",
        '{"users": [{"email": "secret", "credentials": [{"type": "password"}]}]}',
        f'{{"email": "secret", "created_at": 1{"0" * 30}, "createdAt": 1{"0" * 30}}}',
        f'{{"email": "secret", "id": {"[" * 100_000}',
    ],
)
def test_what_is_no_export(
    source: str, text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A sentence, no traceback, and nothing of the file."""
    path = tmp_path / "file"
    path.write_text(text, encoding="utf-8")
    code, out, err = convert(source, path, capsys)
    assert (code in {0, 1, 2}, out) == (True, "")
    assert "secret" not in err
    assert "Traceback" not in err


def test_a_missing_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2."""
    code, _, err = convert("auth0", tmp_path / "missing", capsys)
    assert code == 2
    assert err.startswith("convert: ")

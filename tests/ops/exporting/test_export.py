"""An export is a file that an import takes, and holds only what it is asked for."""

import json
from pathlib import Path
from uuid import uuid4

import pyotp
import pytest

from ops.__main__ import main
from tests.ops.importing.harness import HASH, SEAL_KEY, Stage, membership, organization, user
from tests.support.authenticator import Authenticator
from tests.support.imported_passkeys import base64url, passkey_line

ID, SECRET = str(uuid4()), pyotp.random_base32()
CODES = {"kind": "recoveryCodes", "hashes": ["0" * 64, "f" * 64]}


KEPT = {"holdTime": "2024-01-15T09:30:00Z", "deleteTime": "2024-02-15T09:30:00Z"}


def fill(stage: Stage) -> None:
    """A store with a bit of everything."""
    factors = [
        {"kind": "totp", "secret": SECRET, "name": "Phone"},
        passkey_line(Authenticator(), userHandle=base64url(b"other"), transports=["usb"]),
        CODES,
    ]
    policy = {"secondFactorRequired": True, "emailDomains": ["example.com"], "maxTokenDays": 3}
    done = stage.bring(
        user(1, id=ID, firstName="Ada", language="de", emailVerified=True, factors=factors),
        user(2),
        user(3, passwordHash="", company="Engines", disabled=True, **KEPT),
        organization(policy=policy, suspended=True),
        organization(externalId="b", slug="beta", suspendedByOperator=True),
        membership(2, role="admin"),
        membership(3, createTime="2024-01-15T09:30:00Z"),
    )
    assert (done.code, done.refused) == (0, {})


def test_a_round_trip(stage: Stage, tmp_path: Path) -> None:
    """An import of the export into an empty store gives the same export, and a store without faults."""
    fill(stage)
    first = stage.export("--hashes", "--factors")
    assert [one["kind"] for one in first].count("membership") == 4
    stage.url = f"lmdb://{tmp_path}/other?map_size={1 << 30}"
    stage.create()
    done = stage.bring(*first)
    assert (done.code, done.refused) == (0, {})
    assert stage.export("--hashes", "--factors") == first
    stage.examine()


def test_the_suspension_of_an_operator_stays_one(stage: Stage) -> None:
    """Otherwise the owner could resume the organization in the deployment that imports it."""
    fill(stage)
    organizations = [one for one in stage.export() if one["kind"] == "organization"]
    by_operator = {one["slug"]: one.get("suspendedByOperator", False) for one in organizations}
    assert by_operator.pop("beta")
    assert list(by_operator.values()) == [False]
    assert all(one["suspended"] for one in organizations)


def test_an_owner_who_joined_later_keeps_the_time(stage: Stage, tmp_path: Path) -> None:
    """The first owner is a member by the line of the organization; the line of the membership comes too late."""
    fill(stage)
    joined, begun = "2024-01-15T09:30:00Z", "2023-05-06T07:08:09Z"
    done = stage.bring(
        organization(externalId="c", slug="gamma", createTime=begun, ownerJoinTime=joined)
    )
    assert (done.code, done.refused) == (0, {})
    first = stage.export("--hashes")
    (made,) = [one for one in first if one.get("slug") == "gamma"]
    assert made["createTime"] == begun
    stage.url = f"lmdb://{tmp_path}/other?map_size={1 << 30}"
    stage.create()
    stage.bring(*first)
    (owner,) = [one for one in stage.export() if one.get("organizationId") == made["id"]]
    assert owner["createTime"] == joined


def test_secrets_only_when_asked(stage: Stage) -> None:
    """Without the options there is neither a hash nor anything of a factor."""
    fill(stage)
    plain = json.dumps(stage.export())
    assert "user-1@example.com" in plain
    for secret in (HASH, SECRET, "factors", "passwordHash", "f" * 64):
        assert secret not in plain
    assert HASH in json.dumps(stage.export("--hashes"))
    assert SECRET in json.dumps(stage.export("--factors"))


def test_factors_need_the_seal_keys(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without them, or with others, the export fails with a sentence."""
    fill(stage)
    monkeypatch.setenv("SEAL_KEYS", SEAL_KEY.replace("c2", "d2", 1))
    assert main(["export", "--store", stage.url, "--factors"]) == 2
    monkeypatch.delenv("SEAL_KEYS")
    assert main(["export", "--store", stage.url, "--factors"]) == 2
    assert "SEAL_KEYS" in capsys.readouterr().err


def test_the_file_is_private(stage: Stage, tmp_path: Path) -> None:
    """Only its owner can read it, also where a file was there before."""
    fill(stage)
    path = tmp_path / "export"
    path.touch(mode=0o644)
    assert main(["export", "--store", stage.url, "--output", str(path)]) == 0
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_text(encoding="utf-8").count("\n") == 3 + 2 + 4


def test_no_store(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither an export nor an import makes a store where there is none."""
    url, file = f"lmdb://{tmp_path}/missing", tmp_path / "file"
    file.touch()
    for command in (["export"], ["import", str(file)], ["import", str(file), "--dry-run"]):
        assert main([*command, "--store", url]) == 2
        assert "There is no store" in capsys.readouterr().err
    assert not (tmp_path / "missing").exists()

"""Fixtures of imports."""

from pathlib import Path

import pytest

from tests.ops.importing.harness import SEAL_KEY, Stage


@pytest.fixture
def stage(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Stage:
    """An empty store, and the seal keys of auth."""
    monkeypatch.setenv("SEAL_KEYS", SEAL_KEY)
    return Stage(tmp_path, capsys.readouterr)

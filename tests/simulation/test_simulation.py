"""A hundred simulated lives keep every promise, and each is the same however often it is run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulation.runs import simulate

_ROOT = Path(__file__).parents[2]
_CHUNKS = 2  # each in a process of its own, at once with the others
_SEEDS_IN_A_CHUNK = 60


@pytest.mark.parametrize("chunk", range(_CHUNKS))
def test_lives_keep_the_promises(chunk: int) -> None:
    """No promise is broken, whatever goes wrong; `make simulate SEED=` replays a seed."""
    first = chunk * _SEEDS_IN_A_CHUNK
    ended = _simulate(f"--first={first}", f"--seeds={_SEEDS_IN_A_CHUNK}", "--jobs=1")

    assert ended.returncode == 0, ended.stdout


def test_a_seed_is_the_same_in_every_process() -> None:
    """Two processes write the same journal of one seed, to the letter."""
    for seed in (3, 16):
        first, second = (_simulate(f"--seed={seed}").stdout for _ in range(2))
        assert first == second
        assert len(first.splitlines()) > 20


def test_seeds_do_not_depend_on_those_before() -> None:
    """A seed ends alike whether or not others ran before it in the process."""
    alone = simulate(5)
    simulate(6)

    assert simulate(5).digest == alone.digest


def _simulate(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.simulation", *arguments]
    environ = {**os.environ, "PYTHONPATH": str(_ROOT)}
    return subprocess.run(
        command, cwd=_ROOT, env=environ, capture_output=True, text=True, check=False
    )

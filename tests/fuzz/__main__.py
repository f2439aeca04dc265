"""Fuzzes targets with coverage: `python -m tests.fuzz [TARGET ...] --minutes 5 --jobs 2`.

atheris (libFuzzer) changes the kept inputs of a target, and goes on from those that reach new code. What
it finds stays in `build/fuzz/<target>`, so a later run goes on where the last one ended. An input that
breaks a target is written to `build/fuzz/faults`, and can be run again: `--replay FILE TARGET`.
"""

import argparse
import os
import random
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from tests.fuzz.target import CORPUS, corpus_of

_ROOT = Path(__file__).parents[2]
BUILD = _ROOT / "build/fuzz"
FAULTS = BUILD / "faults"
_MOST_BYTES = 8_192
_OWN_CHANGES = 0.5
_EXECUTIONS = re.compile(r"stat::number_of_executed_units:\s+(\d+)")
_COVERED = re.compile(r"cov: (\d+)")
# What reads the data: instrumented, so that the fuzzer sees which of its lines an input reaches.
_READERS = [
    "kernel", "services", "ops", "gateway", "coditect_cli",
    "webauthn", "cbor2", "joserfc", "jwt", "email_validator", "idna",
]  # fmt: skip


class Result(NamedTuple):
    """What a run of a target came to.

    Attributes:
        target: Its name.
        executions: How many inputs were run.
        covered: How many branches they reached.
        minutes: How long it took.
        found: Whether an input broke it.
    """

    target: str
    executions: int
    covered: int
    minutes: float
    found: bool


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs what is asked for; returns 1 if an input breaks a target."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", help="all without one")
    parser.add_argument("--minutes", type=float, default=1.0, help="of each target")
    parser.add_argument("--jobs", type=int, default=1, help="how many targets at once")
    parser.add_argument("--replay", type=Path, help="run the target on this file, and nothing else")
    parser.add_argument(
        "--minimise",
        action="store_true",
        help="keep only the inputs that reach something of their own",
    )
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    given, rest = parser.parse_known_args(arguments)
    if given.child:
        return _fuzz(given.targets[0], [*rest, *given.targets[1:]])
    known = sorted(path.name for path in CORPUS.iterdir())
    targets = given.targets or known
    if unknown := set(targets) - set(known):
        parser.error(f"no such target: {', '.join(sorted(unknown))}")
    if given.replay is not None:
        if not given.replay.is_file():  # libFuzzer would fuzz from a folder, without an end
            parser.error(f"no such file: {given.replay}")
        return _run([*_child(targets[0]), str(given.replay)], None).returncode
    if given.minimise:
        return max(map(_minimise, targets))
    with ThreadPoolExecutor(given.jobs) as pool:
        results = pool.map(lambda name: _run_target(name, given.minutes), targets)
        return max(int(_show(result)) for result in results)


def _run_target(name: str, minutes: float) -> Result:
    """Fuzzes one target in a process of its own."""
    kept = BUILD / name
    kept.mkdir(parents=True, exist_ok=True)
    FAULTS.mkdir(parents=True, exist_ok=True)
    log = BUILD / f"{name}.log"
    began = time.monotonic()
    with log.open("w") as output:
        done = _run(
            [
                *_child(name),
                f"-max_total_time={round(minutes * 60)}",
                f"-max_len={_MOST_BYTES}",
                f"-artifact_prefix={FAULTS}/{name}-",
                "-timeout=60", "-rss_limit_mb=4096", "-print_final_stats=1",
                str(kept), str(CORPUS / name),
            ],
            output,
        )  # fmt: skip
    text = log.read_text(errors="replace")
    executed, covered = _EXECUTIONS.findall(text), _COVERED.findall(text)
    return Result(
        name,
        int(executed[-1]) if executed else 0,
        int(covered[-1]) if covered else 0,
        (time.monotonic() - began) / 60,
        done.returncode != 0,
    )


def _minimise(name: str) -> int:
    """Writes the least inputs that reach what all reach into the corpus, in place of those there."""
    (BUILD / name).mkdir(parents=True, exist_ok=True)
    fresh = BUILD / f"{name}.least"
    fresh.mkdir(exist_ok=True)
    done = _run(
        [
            *_child(name),
            "-merge=1",
            f"-max_len={_MOST_BYTES}",
            str(fresh),
            str(CORPUS / name),
            str(BUILD / name),
        ],
        subprocess.DEVNULL,
    )
    if not any(fresh.iterdir()):  # at least one input reaches something, so the merge has failed
        return 1
    if done.returncode == 0:
        wanted = {path.read_bytes(): path for path in fresh.iterdir()}
        for old in (CORPUS / name).iterdir():
            if wanted.pop(old.read_bytes(), None) is None:
                old.unlink()
        for new in wanted.values():  # libFuzzer names a file by its digest
            shutil.copy(new, CORPUS / name / new.name)
    shutil.rmtree(fresh)
    return done.returncode


def _child(name: str) -> list[str]:
    return [sys.executable, "-m", "tests.fuzz", "--child", name]


def _run(command: list[str], output: object) -> "subprocess.CompletedProcess[bytes]":
    # The store of a context in memory: what is tested is what reads, not the disk.
    folder = {"TMPDIR": "/dev/shm"} if Path("/dev/shm").is_dir() else {}  # noqa: S108
    environ = {
        **os.environ,
        **folder,
        "GRPC_ENABLE_FORK_SUPPORT": "0",
        "PYTHONHASHSEED": "0",
        "PYTHONPATH": f"{_ROOT}:{_ROOT}/clients/cli/src",
    }
    return subprocess.run(command, stdout=output, stderr=output, env=environ, check=False)  # type: ignore[call-overload,no-any-return]


def _show(result: Result) -> bool:
    fault = f"FAULT: {BUILD}/{result.target}.log" if result.found else ""
    sys.stdout.write(
        f"{result.target:24} {result.executions:>12,} executions {result.minutes:7.1f} min"
        f" {result.covered:>7,} branches  {fault}\n"
    )
    sys.stdout.flush()
    return result.found


def _fuzz(name: str, arguments: Sequence[str]) -> int:
    """Runs libFuzzer in this process."""
    import atheris  # noqa: PLC0415 - only `make fuzz` installs it
    import structlog  # noqa: PLC0415

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    atheris.enabled_hooks.add("str")  # that of regular expressions fails on some
    with atheris.instrument_imports(include=_READERS):
        from tests.fuzz.mutations import changed  # noqa: PLC0415
        from tests.fuzz.targets import TARGETS  # noqa: PLC0415
    kept = corpus_of(name)

    def mutated(data: bytes, most: int, seed: int) -> bytes:
        """Half of the changes are libFuzzer's own, and half know what readers stumble over."""
        chance = random.Random(seed)
        if chance.random() < _OWN_CHANGES:
            return changed(data, kept, chance)[:most]
        return bytes(atheris.Mutate(data, most))

    # libFuzzer has a shell start the processes of a merge, by the name of this program.
    program = " ".join(map(shlex.quote, _child(name)))
    atheris.Setup([program, *arguments], TARGETS[name], custom_mutator=mutated)
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())

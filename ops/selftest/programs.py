"""Runs the programs of the product as an operator does."""

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from ops.selftest.failure import Failed
from ops.selftest.modules import ROOT

_SECONDS = 60.0
_LAST_LINES = 20
# The self-test must not use the store, ports or keys of the pod that it runs in.
_INHERITED = ("PATH", "LD_LIBRARY_PATH", "PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "TMPDIR", "LANG")


async def start(
    module: str, environ: Mapping[str, str], *arguments: str, log: Path
) -> asyncio.subprocess.Process:
    """Starts `python -m module`; its output goes to the log."""
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    with log.open("ab") as output:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", module, *arguments),
            cwd=ROOT,
            env={**inherited, "PYTHONUNBUFFERED": "1", **environ},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=asyncio.subprocess.STDOUT,
        )


async def run(module: str, environ: Mapping[str, str], *arguments: str, log: Path) -> str:
    """Runs `python -m module` to its end, and returns its output.

    Raises:
        Failed: It ended with an error, or did not end in time.
    """
    process = await start(module, environ, *arguments, log=log)
    try:
        async with asyncio.timeout(_SECONDS):
            code = await process.wait()
    except TimeoutError:
        process.kill()
        raise Failed(f"{module} did not end{quote(log)}") from None
    if code:
        raise Failed(f"{module} ended with exit code {code}{quote(log)}")
    return _output(log)


async def move_and_examine(folder: Path, store: str) -> str:
    """Copies the store and examines the copy; returns the doctor's last line.

    Raises:
        Failed: One of the two programs failed, or the doctor found a problem.
    """
    copy = f"lmdb://{folder}/copy"
    await run("kernel.storage", {}, "copy", store, copy, log=folder / "copying.log")
    output = await run("ops.doctor", {}, copy, log=folder / "doctor.log")
    *_, last = output.splitlines() or [""]
    if not last.endswith(" rows, 0 problems") or last.startswith("0 "):
        raise Failed(f"ops.doctor ended without its verdict: {last!r}")
    return last


def quote(log: Path) -> str:
    """The end of a program's log, to append to a sentence about it."""
    lines = _output(log).splitlines()[-_LAST_LINES:]
    if not lines:
        return ", without output"
    return "; the end of its log:\n" + "\n".join(f"  {line}" for line in lines)


def _output(log: Path) -> str:
    return log.read_text(errors="replace")

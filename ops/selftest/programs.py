"""The programs of the product, run as an operator runs them."""

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from ops.selftest.failure import Failed
from ops.selftest.modules import ROOT

_SECONDS = 60.0
_LAST_LINES = 20
# What a pod is told is not meant for the self-test: its store, its ports, its keys.
_INHERITED = ("PATH", "LD_LIBRARY_PATH", "PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "TMPDIR", "LANG")


async def start(
    module: str, environ: Mapping[str, str], *arguments: str, log: Path
) -> asyncio.subprocess.Process:
    """Starts `python -m module`; what it says goes to the log."""
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
    """Runs `python -m module` to its end, and gives what it said.

    Raises:
        Failed: It ended badly, or not at all.
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
    return _said(log)


async def move_and_examine(folder: Path, store: str) -> str:
    """Copies the store and examines the copy; gives the doctor's last line.

    Raises:
        Failed: One of the two programs is not what it should be, or something does not hold.
    """
    copy = f"lmdb://{folder}/copy"
    await run("kernel.storage", {}, "copy", store, copy, log=folder / "copying.log")
    said = await run("ops.doctor", {}, copy, log=folder / "doctor.log")
    *_, last = said.splitlines() or [""]
    if not last.endswith(" rows, 0 problems") or last.startswith("0 "):
        raise Failed(f"ops.doctor ended without its verdict: {last!r}")
    return last


def quote(log: Path) -> str:
    """The last words of a program, to be put behind a sentence about it."""
    lines = _said(log).splitlines()[-_LAST_LINES:]
    return "; its last words:\n" + "\n".join(f"  {line}" for line in lines) if lines else ", mute"


def _said(log: Path) -> str:
    return log.read_text(errors="replace")

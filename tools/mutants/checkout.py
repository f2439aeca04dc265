"""A copy of the tree in which one file at a time has a fault."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# The suites that run several parts together, whatever file has the fault.
_WHOLE = ("contract", "kernel", "services", "gateway", "end_to_end", "isolation", "races", "ops")
# Tests that do not mirror their files: the port's specification, and the doctor's damages.
_ELSEWHERE = (("kernel/storage/", "contract"), ("recipes/", "ops"), ("/invariants.py", "ops"))
_TIME_LIMIT_SECONDS = 900
_PASSED, _NO_TESTS = 0, 5


class BrokenTests(Exception):
    """Tests fail although no file has a fault; the message names them."""


@dataclass(frozen=True, slots=True)
class Checkout:
    """A copy of the tracked files and of the descriptor set."""

    folder: Path
    _sound: set[str] = field(default_factory=set)
    """The sets of tests that have passed without a fault."""

    @classmethod
    def make(cls, folder: Path) -> "Checkout":
        """Copies the tree into a new folder."""
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607
            cwd=ROOT, check=True, capture_output=True, text=True,
        )  # fmt: skip
        tracked = [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]
        for name in [*tracked, "build/contract.binpb"]:
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target)
        return cls(folder)

    def noticed_by(self, file: Path, source: str, *, near: bool = False) -> str | None:
        """Puts the source in place of a file, and runs tests until one set fails.

        Args:
            file: The file, relative to the tree.
            source: Its text with a fault.
            near: Whether to leave out the suites that run several parts together.

        Returns:
            The tests that failed, did not start or did not end in 15 minutes; None if all passed.

        Raises:
            BrokenTests: They fail without the fault, too.
        """
        path = self.folder / file
        original = path.read_text()
        self._write(path, source)
        try:
            tests = next(
                (tests for tests in self._test_sets(file, near) if not self._passes(tests)), None
            )
        finally:
            self._write(path, original)
        if tests is None:
            return None
        name = " ".join(tests)
        if name not in self._sound:
            if not self._passes(tests):
                raise BrokenTests(name)
            self._sound.add(name)
        return name

    def _test_sets(self, file: Path, only_near: bool) -> Iterator[list[str]]:
        """Test files and folders, the nearest first; none twice."""
        mirror = Path("tests") / file.with_name(f"test_{file.name}")
        own = [mirror] if (self.folder / mirror).is_file() else []
        folders = [parent for parent in mirror.parents if len(parent.parts) > 1]
        context = [f for f in folders if (self.folder / f).is_dir()][:2]
        elsewhere = [Path("tests") / to for at, to in _ELSEWHERE if at in file.as_posix()]
        whole = [] if only_near else [Path("tests") / name for name in _WHOLE]
        for tests in (own, context[:1], context[1:], elsewhere, whole):
            existing = [str(path) for path in tests if (self.folder / path).exists()]
            if existing:
                yield existing

    def _passes(self, tests: list[str]) -> bool:
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
        process = subprocess.Popen(
            command, cwd=self.folder, start_new_session=True, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            return process.wait(_TIME_LIMIT_SECONDS) in {_PASSED, _NO_TESTS}
        except subprocess.TimeoutExpired:
            return False
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    @staticmethod
    def _write(path: Path, source: str) -> None:
        path.write_text(source)
        # A compiled file counts as current if time (in seconds) and size are those of its source.
        for compiled in (path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"):
            compiled.unlink()

"""The standard streams: closed ones, ended readers, terminals that lack characters."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.program import ROOT, SECONDS

# Streams belong to a whole process, so the tests run programs.
MANY_LINES = """
from kernel import streams

def main():
    for number in range(100_000):
        print("line", number)
    return 0

streams.run(main)
"""
OPENS_A_FILE = """
import os, sys
from kernel import streams

streams.prepare()
file = open(sys.argv[1], "w")
print("to a closed stream")
print("nor this", file=sys.stderr)
os.write(1, b"from a library")
os.write(2, b"from a library")
file.write("its own")
"""
SAYS = """
from kernel import streams

streams.prepare()
print(streams.say("zw\\u00f6lf \\ud800"))
"""


def bash(script: str, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Runs a script of bash; `$0` is Python."""
    return subprocess.run(
        ["bash", "-c", script, sys.executable, *arguments],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def test_a_reader_that_ends() -> None:
    """A command line whose output goes to `head` ends without a word."""
    done = bash('"$0" -c "$1" | head -1; exit ${PIPESTATUS[0]}', MANY_LINES)
    assert (done.returncode, done.stdout, done.stderr) == (141, "line 0\n", "")


@pytest.mark.parametrize("closed", ["<&- >&- 2>&-", ">&-", ">&- 2>&-"])
def test_closed_streams_are_no_files(tmp_path: Path, closed: str) -> None:
    """What is printed without an output is not written into a file that the program opens."""
    done = bash(f'"$0" -c "$1" "$2" {closed}', OPENS_A_FILE, str(tmp_path / "data"))
    assert done.returncode == 0
    assert (tmp_path / "data").read_text() == "its own"


def test_every_character_can_be_printed() -> None:
    """What the terminal's encoding lacks is escaped."""
    done = bash('"$0" -c "$1"', SAYS, PYTHONIOENCODING="ascii")
    assert (done.stdout, done.stderr) == ("zw\\xf6lf \\ud800\nTrue\n", "")


def test_a_full_disk_is_no_reason_to_stop() -> None:
    """A line that cannot be written is lost, and so are those after it."""
    done = bash('"$0" -c "$1" > /dev/full', SAYS)
    assert (done.returncode, done.stderr) == (0, "")

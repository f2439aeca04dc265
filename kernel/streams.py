"""The standard streams of a program, whatever it was started with."""

import io
import os
import signal
import sys
from collections.abc import Callable
from typing import NoReturn, TextIO

_STANDARD = (0, 1, 2)


def prepare() -> None:
    """Opens the standard streams that are closed, and lets them take every character.

    Call it before anything opens a file: a file would get the number of a closed stream, and what a
    library prints would be written into it.
    """
    for number in _STANDARD:
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number, which is this one
            os.set_inheritable(number, True)
    sys.stdout = sys.stdout or _writer(1)
    sys.stderr = sys.stderr or _writer(2)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def run(main: Callable[[], int]) -> NoReturn:
    """Runs a command line and exits with its code; silently if the reader of its output has ended."""
    prepare()
    try:
        code = main()
        sys.stdout.flush()
    except BrokenPipeError:
        _discard(sys.stdout)
        code = 128 + signal.SIGPIPE  # as a shell reports a program that this signal ends
    sys.exit(code)


def say(text: str, stream: TextIO | None = None) -> bool:
    """Prints a line, by default to stdout; returns whether that was possible.

    If not, because its reader has ended for example, later lines go nowhere, silently.
    """
    stream = stream or sys.stdout
    try:
        print(text, file=stream, flush=True)
    except OSError:
        _discard(stream)
        return False
    return True


def _discard(stream: TextIO) -> None:
    # Otherwise Python would try to write the rest when it ends, and complain.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def _writer(number: int) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.FileIO(number, "w", closefd=False), write_through=True)

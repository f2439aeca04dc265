"""Logs: JSON lines with the request id, bounded, without secrets."""

import json
import subprocess
import sys
from typing import Any

import pytest

from kernel import log
from tests.support.program import ROOT, SECONDS

# Logging affects the whole process, so the test runs it in another one.
PROGRAM = """
import logging, structlog
from kernel import log
log.configure("auth", "INFO")
logger = log.get("test")
structlog.contextvars.bind_contextvars(request_id="id-1")
logger.debug("not shown")
logger.info("happened", password="hidden", count=3, text="zwölf\\nlines")
logging.getLogger("other").info("not shown")
logging.getLogger("other").warning("said %s", "hunter2")
try:
    raise NotImplementedError("a reason")
except NotImplementedError as error:
    logger.error("failed", exc_info=error)
logger.info("strange", thing=object(), raw=b"\\xff")
"""

UNEXPECTED = """
import asyncio, gc, logging, threading
from kernel import log
log.configure("auth", "DEBUG")
SECRET = "hunter2"

def fail():
    raise ValueError(f"bad value: {SECRET}")

class Unraisable:
    def __del__(self):
        fail()

async def forgotten():
    asyncio.get_running_loop().set_exception_handler(log.log_loop_error)
    fail()

async def forget():
    task = asyncio.create_task(forgotten(), name=SECRET)
    await asyncio.sleep(0.01)
    del task
    gc.collect()

try:
    try:
        fail()
    except ValueError as error:
        raise KeyError(SECRET) from error
except KeyError as error:
    log.get("test").error("chained", exc_info=error)
try:
    fail()
except ValueError:
    logging.getLogger("library").exception("failed with %s", SECRET)
    log.get("test").exception("ours")
try:
    raise ExceptionGroup(SECRET, [ValueError(SECRET), OSError(28, "No space", SECRET)])
except ExceptionGroup as group:
    log.get("test").error("several", exc_info=group)
logging.getLogger("grpc._cython.cygrpc").error("Invalid encoding on %s", SECRET)
logging.getLogger("grpc._cython.cygrpc").error(ValueError(SECRET))
logging.getLogger("asyncio").error(f"lost\\nfuture: {SECRET}")
thread = threading.Thread(target=fail)
thread.start()
thread.join()
del thread
Unraisable()
asyncio.run(forget())
fail()
"""

LONG = """
from kernel import log
log.configure("auth", "INFO")
logger = log.get("test")

def deep(levels):
    if not levels:
        raise NotImplementedError("x" * 100_000)
    deep(levels - 1)

for text in ("x" * 100_000, "é" * 50_000, "🩷" * 20_000, '"' * 40_000, "\\ud800" * 9_000):
    logger.info("long", text=text)
logger.info("long", **{f"field{number}": "x" * 1_000 for number in range(20)})
logger.info("long", listed=["x" * 1_000] * 100, mapped={"x": "y" * 100_000}, raw=b"\\xff" * 50_000)
logger.info("x" * 100_000)
logger.info("long", text="x" * (log.LINE_BYTES // 2), password="y" * 100_000)
try:
    deep(500)
except NotImplementedError as error:
    logger.error("deep", exc_info=error)
"""


def run(program: str) -> subprocess.CompletedProcess[bytes]:
    """Runs a program to its end."""
    return subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, timeout=SECONDS, check=False
    )


def lines(program: str) -> list[dict[str, Any]]:
    """The lines that a program logs."""
    ended = run(program)
    assert (ended.returncode, ended.stderr) == (0, b"")
    return [json.loads(line) for line in ended.stdout.splitlines()]


def test_every_line_is_json() -> None:
    """Our lines, libraries' lines and tracebacks are one object each, with service, time and request."""
    happened, other, failed, strange = lines(PROGRAM)
    for line in (happened, other, failed, strange):
        assert line["service"] == "auth"
        assert line["request_id"] == "id-1"
        assert line["time"].endswith("Z")
    assert (happened["event"], happened["level"], happened["count"]) == ("happened", "info", 3)
    assert happened["text"] == "zwölf\nlines"
    assert happened["password"] == "[redacted]"
    assert "NotImplementedError: a reason" in failed["exception"]
    assert "object" in strange["thing"]


def test_a_library_is_logged_without_its_data() -> None:
    """Of a library's warning the constant text is logged; less important ones are not."""
    other = lines(PROGRAM)[1]
    assert (other["event"], other["level"]) == ("said %s", "warning")


def test_unexpected_errors_are_logged_without_their_data() -> None:
    """A line has the type and the frames of an exception, wherever it appears, not its message."""
    ended = run(UNEXPECTED)
    assert b"hunter2" not in ended.stdout + ended.stderr
    assert ended.stderr == b""
    said = [json.loads(line) for line in ended.stdout.splitlines()]
    assert [(line["event"], line.get("what")) for line in said] == [
        ("chained", None),
        ("failed with %s", None),
        ("ours", None),
        ("several", None),
        ("ValueError", None),
        ("lost", None),
        ("unexpected error", "not caught in a thread"),
        ("unexpected error", "could not be raised"),
        ("unexpected error", "Task exception was never retrieved"),
        ("unexpected error", "not caught"),
    ]
    for line in said:
        if line["event"] not in {"lost", "several", "ValueError"}:
            assert "in fail\n" in line["exception"], line
            assert "ValueError: [message not logged]" in line["exception"], line
    assert "KeyError: [message not logged]" in said[0]["exception"]
    assert "OSError: [Errno 28] No space" in said[3]["exception"]


def test_no_line_is_longer_than_the_limit() -> None:
    """Whatever is long is cut in its middle: values, events, many fields and tracebacks."""
    ended = run(LONG)
    assert (ended.returncode, ended.stderr) == (0, b"")
    found = ended.stdout.splitlines(keepends=True)
    assert len(found) == 10
    assert max(map(len, found)) <= log.LINE_BYTES
    for line in map(json.loads, found):
        assert line["service"] == "auth"
        assert line["level"] in {"info", "error"}
    *_, short, deep = map(json.loads, found)
    assert short["text"] == "x" * (log.LINE_BYTES // 2)
    assert deep["exception"].startswith("Traceback (most recent call last):")
    assert deep["exception"].endswith("x")


def test_a_line_that_fits_is_whole() -> None:
    """A line of exactly the limit is not cut, one byte more is."""
    (empty,) = (log.render(None, "", {"event": ""}),)
    room = log.LINE_BYTES - 1 - len(empty)
    assert log.render(None, "", {"event": "x" * room}) == empty.replace('""', f'"{"x" * room}"')
    cut = log.render(None, "", {"event": "x" * (room + 1)})
    assert log.LINE_BYTES - 10 <= len(cut) + 1 <= log.LINE_BYTES
    assert "x[...]x" in cut


@pytest.mark.parametrize("target", ["/dev/full", "&-"])
def test_a_log_that_cannot_be_written(target: str) -> None:
    """A line that cannot be written is lost; its data does not appear on stderr instead."""
    program = (
        "from kernel import log, streams\nstreams.prepare()\nlog.configure('auth', 'INFO')\n"
        "log.get('test').info('said', text='hunter2')\nprint('on', file=__import__('sys').stderr)"
    )
    script = f'"$0" -c "$1" >{target}'
    ended = subprocess.run(
        ["bash", "-c", script, sys.executable, program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert "hunter2" not in ended.stderr
    assert ended.stderr.startswith("on\n")


def test_secrets_are_redacted_by_name() -> None:
    """A value is redacted by its name, in any spelling; other values stay."""
    secret = dict.fromkeys(
        [
            "password", "currentPassword", "refresh_token", "Authorization", "SECRET",
            "set-cookie", "SERVICE_KEYS", "api_key",
        ],
        "hidden",
    )  # fmt: skip
    event = log.redact(None, "info", {"event": "said", "reason": "X", "count": 1, **secret})
    assert event == {
        "event": "said", "reason": "X", "count": 1, **dict.fromkeys(secret, "[redacted]"),
    }  # fmt: skip

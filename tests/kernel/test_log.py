"""Logs: JSON lines with the request id, without secrets."""

import json
import subprocess
import sys
from typing import Any

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
logging.getLogger("other").warning("said %s", "so")
try:
    raise ValueError("a reason")
except ValueError as error:
    logger.error("failed", exc_info=error)
logger.info("strange", thing=object(), raw=b"\\xff")
"""


def lines() -> list[dict[str, Any]]:
    """The lines that the program logs."""
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, timeout=SECONDS, check=True
    )
    assert ended.stderr == b""
    return [json.loads(line) for line in ended.stdout.splitlines()]


def test_every_line_is_json() -> None:
    """Our lines, libraries' lines and tracebacks are one object each, with service, time and request."""
    happened, other, failed, strange = lines()
    for line in (happened, other, failed, strange):
        assert line["service"] == "auth"
        assert line["request_id"] == "id-1"
        assert line["timestamp"].endswith("Z")
    assert (happened["event"], happened["level"], happened["count"]) == ("happened", "info", 3)
    assert happened["text"] == "zwölf\nlines"
    assert happened["password"] == "[redacted]"
    assert (other["event"], other["level"]) == ("said so", "warning")
    assert "ValueError: a reason" in failed["exception"]
    assert "object" in strange["thing"]


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

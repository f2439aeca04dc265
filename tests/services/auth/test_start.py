"""What auth loads when it starts."""

import subprocess
import sys

SELDOM = (
    "webauthn",
    "OpenSSL",
    "pyasn1",
    "httpx",
    "joserfc",
    "segno",
    "rich",
    "greenlet",
    "opentelemetry.sdk",
)
"""Libraries that take megabytes, and that no call needs in a deployment with the default settings."""


def test_libraries_of_seldom_used_capabilities_are_not_loaded() -> None:
    """They are imported at their first use, or where a setting asks for them."""
    program = (
        "import sys, kernel.rpc.process, services.auth.app\n"
        f"print(*(name for name in {SELDOM} if name in sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    assert done.stdout.split() == []

"""Why the services of the laptop system are not ready, from their metrics."""

import re
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException

from tools.settings import HOST

FULL = "STORAGE_FULL"
"""Reads, logouts and deletions work nevertheless."""
_SECONDS = 1.0
_PROBLEM = re.compile(r'^coditect_service_problem\{reason="(\w+)"\} 1', re.MULTILINE)


def problems(ports: Mapping[str, int]) -> dict[str, str]:
    """The reason why a service is not ready, by its name; only of those that report one.

    Args:
        ports: The port of each service's metrics.
    """
    found = {name: _PROBLEM.search(_metrics(port)) for name, port in ports.items()}
    return {name: one[1] for name, one in found.items() if one}


def _metrics(port: int) -> str:
    connection = HTTPConnection(HOST, port, timeout=_SECONDS)
    try:
        connection.request("GET", "/metrics")
        return connection.getresponse().read().decode()
    except (OSError, HTTPException):  # it does not run yet, or no longer
        return ""
    finally:
        connection.close()

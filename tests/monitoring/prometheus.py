"""A real Prometheus over the pages of a running system, with the rules of the chart."""

import shutil
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import httpx
import pytest
import yaml

from tests.monitoring.expressions import FILES
from tests.support.plain_http import PLAIN

needs_prometheus = pytest.mark.skipif(
    shutil.which("prometheus") is None, reason="prometheus is not installed"
)
needs_promtool = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool is not installed"
)
_START_SECONDS = 30


class Page(NamedTuple):
    """A page of metrics."""

    job: str
    address: str
    path: str

    def text(self) -> str:
        """What is on it now."""
        answer = httpx.get(
            f"http://{self.address}{self.path}", trust_env=False, verify=PLAIN, timeout=20
        )
        assert answer.status_code == 200
        return answer.text


class Prometheus:
    """Prometheus, which reads the pages each second.

    Args:
        folder: An empty folder for its data.
        port: A free port.
        pages: What it reads.
    """

    def __init__(self, folder: Path, port: int, pages: Iterable[Page]) -> None:
        rules = [str(shutil.copy(file, folder)) for file in FILES]
        config = folder / "prometheus.yaml"
        config.write_text(yaml.safe_dump(_config(rules, pages)))
        self._url = f"http://127.0.0.1:{port}"
        argv = [
            "prometheus",
            f"--config.file={config}",
            f"--storage.tsdb.path={folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{port}",
        ]
        with (folder / "log").open("wb") as log:
            self._process = subprocess.Popen(argv, stdout=log, stderr=log)

    def __enter__(self) -> Self:
        """Waits until it answers."""
        end = time.monotonic() + _START_SECONDS
        while True:
            try:
                if (
                    httpx.get(f"{self._url}/-/ready", trust_env=False, verify=PLAIN).status_code
                    == 200
                ):
                    return self
            except httpx.TransportError:
                pass
            assert time.monotonic() < end, "Prometheus does not start"
            assert self._process.poll() is None, "Prometheus has ended"
            time.sleep(0.1)

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        """Ends it."""
        self._process.terminate()
        self._process.wait()

    def query(self, expression: str) -> list[dict[str, Any]]:
        """The series of an expression now. Fails if Prometheus rejects it."""
        answer = httpx.get(
            f"{self._url}/api/v1/query",
            params={"query": expression},
            trust_env=False,
            verify=PLAIN,
            timeout=20,
        )
        said = answer.json()
        assert said["status"] == "success", said
        found: list[dict[str, Any]] = said["data"]["result"]
        return found

    def without_data(
        self, expressions: Mapping[str, str], use: Callable[[], None], seconds: float
    ) -> list[str]:
        """The names of the expressions that have no series with a number within some seconds.

        Args:
            expressions: The expressions by their names.
            use: Uses the system: a rate is of what happens between two looks.
            seconds: The time limit.
        """
        missing, end = list(expressions), time.monotonic() + seconds
        while missing and time.monotonic() < end:
            use()
            missing = [name for name in missing if not self._has_data(expressions[name])]
        return missing

    def rule_errors(self) -> dict[str, str]:
        """The error of each rule that could not be evaluated."""
        answer = httpx.get(f"{self._url}/api/v1/rules", trust_env=False, verify=PLAIN).json()
        return {
            rule["name"]: rule["lastError"]
            for group in answer["data"]["groups"]
            for rule in group["rules"]
            if rule.get("lastError")
        }

    def _has_data(self, expression: str) -> bool:
        return any(one["value"][1] != "NaN" for one in self.query(expression))


def _config(rules: list[str], pages: Iterable[Page]) -> dict[str, Any]:
    """The configuration; the labels are those that the chart's PodMonitors give."""
    scrapes = [
        {
            "job_name": f"{page.job}{page.path}",
            "metrics_path": page.path,
            "static_configs": [
                {
                    "targets": [page.address],
                    "labels": {"job": page.job, "namespace": "coditect-app", "pod": page.job},
                }
            ],
        }
        for page in pages
    ]
    return {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": rules,
        "scrape_configs": scrapes,
    }

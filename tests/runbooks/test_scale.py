"""The calculation of docs/runbooks/scale-to-100000-users.md, and the chart values for production."""

import re
from typing import Any

import pytest

from tests.deploy import charts
from tests.runbooks.runbook import Runbook

RUNBOOK = Runbook("scale-to-100000-users")
ROW = re.compile(r"^\| (\w+) \| ([\d.]+) \| (\d+) \| (\d+) \|$", re.MULTILINE)
TABLE = {
    name: (float(need), int(pods), int(cores))
    for name, need, pods, cores in ROW.findall(RUNBOOK.text)
}


@pytest.fixture(scope="module")
def calculated() -> str:
    """The output of the calculation."""
    return RUNBOOK.run("calculation").stdout


def test_the_runbook_shows_the_calculated_figures(calculated: str) -> None:
    """The runbook's text and table have the figures that its program computes."""
    cores = dict(re.findall(r"^(\w+): ([\d.]+) cores$", calculated, re.MULTILINE))

    assert calculated in RUNBOOK.text
    assert set(TABLE) == {"gateway", "sessions", "tenants", "auth"}
    assert {name: need for name, (need, _, _) in TABLE.items()} == {
        name: float(cores[name]) for name in TABLE
    }


@pytest.mark.parametrize("name", TABLE)
def test_production_has_the_pods_and_cores_of_the_table(name: str) -> None:
    """The chart gives each workload the pods and cores of the table."""
    workload = _production(name)
    need, pods, cores = TABLE[name]
    most = workload["autoscaling"]["maxReplicas"]
    limit = _cores(workload["resources"]["limits"]["cpu"])

    assert workload["autoscaling"]["enabled"] is True
    assert (most, most * limit) == (pods, cores)
    assert need <= most * limit


def test_auth_has_memory_for_its_threads() -> None:
    """The memory that the runbook plans for auth's hashing threads fits into the limit."""
    limits = _production("auth")["resources"]["limits"]
    text = Runbook("logins-refused").text
    base, each = re.search(r"(\d+) MiB, and (\d+) MiB for each", text).groups()

    assert limits["memory"].endswith("Mi")
    needed = int(base) + int(each) * max(1, int(_cores(limits["cpu"])))
    assert needed <= int(limits["memory"].removesuffix("Mi"))


def _production(name: str) -> Any:
    """The chart values of a workload in production."""
    values = charts.release("coditect", "prod").values
    return values["gateway"] if name == "gateway" else values["services"][name]


def _cores(quantity: str) -> float:
    """A CPU quantity in cores."""
    text = str(quantity)
    return int(text.removesuffix("m")) / 1000 if text.endswith("m") else float(text)


def test_the_hash_command_prints_milliseconds() -> None:
    """The command that measures a hash prints milliseconds."""
    milliseconds, unit = RUNBOOK.run("hash").stdout.split()

    assert unit == "ms"
    assert int(milliseconds) > 0

"""`pip install ./clients/python` gives a program the client. Skipped without a package index."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from uuid import uuid4

import pytest

from tests.clients.python.readme import PRINTED, program
from tests.end_to_end.conftest import client
from tests.end_to_end.person import PASSWORD, new_person
from tools.laptop import Laptop
from tools.programs import addresses

ROOT = Path(__file__).parents[3]
PACKAGE = ROOT / "clients" / "python"
GUIDE = ROOT / "docs" / "calling-from-a-service.md"
PIP = ("-m", "pip", "--disable-pip-version-check", "--quiet")
NO_GRPC = "import coditect_client, importlib.util; print(importlib.util.find_spec('grpc'))"
PROTOS = """
from importlib.metadata import files
print(*(file.parent for file in files("coditect-client") if file.name.endswith("_pb2.py")))
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The interpreter of an environment of its own with the client, without the extra."""
    folder = tmp_path_factory.mktemp("environment")
    run(sys.executable, "-m", "venv", str(folder / "venv"))
    made = str(folder / "venv" / "bin" / "python")
    index = run(made, *PIP, "download", "-d", str(folder), "hatchling", check=False)
    if index.returncode:
        pytest.skip("no package index can be reached")
    run(made, *PIP, "install", str(PACKAGE))
    return made


@pytest.mark.timeout(600)
def test_the_client_runs_alone(python: str, laptop: Laptop, tmp_path: Path) -> None:
    """The program of its README runs in it, and nothing of gRPC is there."""
    arguments = (laptop.settings.url, f"{uuid4()}@example.com", PASSWORD)
    assert run(python, "-c", program(), *arguments, folder=tmp_path).stdout == PRINTED
    assert run(python, "-c", NO_GRPC, folder=tmp_path).stdout == "None\n"


@pytest.mark.timeout(600)
def test_the_extra_calls_services(python: str, laptop: Laptop, tmp_path: Path) -> None:
    """The program of the guide runs with the extra: the public protos are there, and no others."""
    guide = GUIDE.read_text("utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", guide, re.DOTALL)
    (printed,) = re.findall(r"It prints\n\n```\n(.*?)```", guide, re.DOTALL)
    run(python, *PIP, "install", f"{PACKAGE}[grpc]")
    with client(laptop) as http:
        person = new_person(http)
    variables = addresses(laptop.settings) | {"EMAIL": person.email, "PASSWORD": PASSWORD}
    assert run(python, "-c", code, folder=tmp_path, variables=variables).stdout == printed
    contexts = {f"coditect/{name}/v5" for name in ("auth", "sessions", "tenants")}
    options = {f"coditect/{name}/v1" for name in ("access", "field", "gateway", "method")}
    assert set(run(python, "-c", PROTOS).stdout.split()) == contexts | options


def run(
    *command: str,
    check: bool = True,
    folder: Path | None = None,
    variables: Mapping[str, str] | None = None,
) -> "subprocess.CompletedProcess[str]":
    """Runs a command outside of the repository's packages."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment | {"NO_PROXY": "127.0.0.1"} | dict(variables or {}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert not check or done.returncode == 0, done.stderr
    return done

"""`pip install ./clients/python` gives a program the client. Skipped without a package index."""

import re
from pathlib import Path
from uuid import uuid4

import pytest
from coditect_client.sending import VERSION

from tests.clients.environment import Environment
from tests.clients.python.readme import PRINTED, program
from tests.end_to_end.conftest import client
from tests.end_to_end.person import PASSWORD, new_person
from tools.laptop import Laptop
from tools.programs import addresses

pytestmark = pytest.mark.drill

ROOT = Path(__file__).parents[3]
PACKAGE = ROOT / "clients" / "python"
GUIDE = ROOT / "docs" / "calling-from-a-service.md"
INSTALLED = """
from importlib.metadata import version
from importlib.util import find_spec
print(version("coditect-client"), find_spec("grpc"))
"""
PROTOS = """
from importlib import import_module
from importlib.metadata import files
found = [file for file in files("coditect-client") if file.name.endswith("_pb2.py")]
for file in found:
    import_module(".".join(file.with_suffix("").parts))
print(*(file.parent for file in found))
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An environment of its own with the client, without the extra."""
    made = Environment(tmp_path_factory.mktemp("environment") / "venv")
    made.needs_an_index()
    made.install(str(PACKAGE))
    return made


@pytest.mark.timeout(600)
def test_the_client_runs_alone(environment: Environment, laptop: Laptop) -> None:
    """The program of its README runs in it, and nothing of gRPC is there."""
    arguments = (laptop.settings.url, f"{uuid4()}@example.com", PASSWORD)
    done = environment.run("python", "-c", program(), *arguments, NO_PROXY="*")
    assert done.stdout == PRINTED
    assert environment.run("python", "-c", INSTALLED).stdout == f"{VERSION} None\n"


@pytest.mark.timeout(600)
def test_the_extra_calls_services(environment: Environment, laptop: Laptop) -> None:
    """The program of the guide runs with the extra: the public protos are there, and no others."""
    guide = GUIDE.read_text("utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", guide, re.DOTALL)
    (printed,) = re.findall(r"It prints\n\n```\n(.*?)```", guide, re.DOTALL)
    environment.install(f"{PACKAGE}[grpc]")
    with client(laptop) as http:
        person = new_person(http)
    variables = addresses(laptop.settings) | {"EMAIL": person.email, "PASSWORD": PASSWORD}
    assert environment.run("python", "-c", code, **variables).stdout == printed
    contexts = {f"coditect/{name}/v5" for name in ("auth", "sessions", "tenants")}
    options = {f"coditect/{name}/v1" for name in ("access", "field", "gateway", "method")}
    assert set(environment.run("python", "-c", PROTOS).stdout.split()) == contexts | options

"""The examples in the documents work."""

import asyncio
import json
import os
import re
import subprocess
import sys
from ast import literal_eval
from pathlib import Path

import grpc
import httpx
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)

from tests.end_to_end.person import PASSWORD, Person
from tools.laptop import Laptop
from tools.programs import addresses

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "calling-from-a-service.md").read_text(encoding="utf-8")


async def test_example_of_a_calling_service(laptop: Laptop, person: Person) -> None:
    """The program in the guide runs unchanged and prints the output in the guide."""
    (program,) = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    (expected,) = re.findall(r"It prints\n\n```\n(.*?)```", GUIDE, re.DOTALL)
    environ = {
        **os.environ,
        **addresses(laptop.settings),
        "PYTHONPATH": os.pathsep.join([str(ROOT / "clients" / "python" / "src"), str(ROOT)]),
        "EMAIL": person.email,
        "PASSWORD": PASSWORD,
    }

    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, env=environ, stdout=asyncio.subprocess.PIPE
    )
    printed, _ = await process.communicate()

    assert (process.returncode, printed.decode()) == (0, expected)


def test_first_curl_of_the_readme(http: httpx.Client) -> None:
    """The registration in the README returns 201."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    body = re.findall(r"-d '(\{\"email\".*?\})'", readme)[0]

    answer = http.post(
        "/api/v5/auth/register", content=body, headers={"content-type": "application/json"}
    )

    assert answer.status_code == 201


def test_team_of_the_readme(laptop: Laptop) -> None:
    """The README's lines about a team work when pasted into a shell."""
    joined = json.loads(_pasted(laptop, _readme_scripts()[0]))["data"]
    assert (joined["name"], joined["role"]) == ("Acme", "member")


def test_account_of_the_readme(laptop: Laptop) -> None:
    """The README's lines about an account work when pasted behind those about a team."""
    team, account, *_ = _readme_scripts()
    printed = _pasted(laptop, f"{team}\necho\n{account}")
    _, proved, answers = printed.split("\n")
    assert proved == "True"
    nothing = '{"success":true,"data":{}}'
    assert answers.startswith(nothing * 2)
    listed = json.loads(answers.removeprefix(nothing * 2))["data"]["events"]
    events = [event["event"] for event in listed]
    assert events[:2] == ["login.started", "password.reset"]
    assert events[-2:] == ["login.started", "account.created"]


def test_second_factor_of_the_readme(laptop: Laptop) -> None:
    """The README's lines about an authenticator app work when pasted behind the others."""
    printed = _pasted(laptop, "\necho\n".join(_readme_scripts()[:3]))
    *_, codes, factors = printed.split("\n")
    assert len(literal_eval(codes[codes.index("[") :])) == 10
    listed = json.loads(factors)["data"]["factors"]
    assert ("totp", "Phone") in {(one["kind"], one["name"]) for one in listed}
    assert {one["kind"] for one in listed} == {"totp", "recovery_codes"}


def test_tokens_of_the_readme(laptop: Laptop) -> None:
    """The README's lines about programs work when pasted behind the others; the agent's token ends."""
    printed = _pasted(laptop, "\necho\n".join(_readme_scripts()))
    session, ended = printed.split("\n")[-1].split('{"success":true,"data":{}}')
    assert json.loads(session)["data"]["name"] == "nightly"
    # The gateway may still have the access token of the agent, which the service refuses.
    code = json.loads(ended)["error"]["code"]
    assert code in {"ACCESS_TOKEN_INVALID", "ACCESS_TOKEN_REVOKED"}


def test_programs_of_the_guide(laptop: Laptop) -> None:
    """The lines of docs/tokens.md work when pasted behind those of the README, up to the page."""
    scripts = _readme_scripts() + _scripts("docs/tokens.md")
    printed = _pasted(laptop, "\necho\n".join(scripts))
    by_key, by_client, page = printed.splitlines()[-3:]
    assert json.loads(by_key)["data"]["sessions"] == json.loads(by_client)["data"]["sessions"] == []
    assert "<h1>Log in</h1>" in httpx.get(page, trust_env=False).text


def _readme_scripts() -> list[str]:
    return _scripts("README.md")


def _scripts(document: str) -> list[str]:
    return re.findall(r"```bash\n(.*?)```", (ROOT / document).read_text("utf-8"), re.DOTALL)


def _pasted(laptop: Laptop, script: str) -> str:
    """What a script of the README prints, on this system."""
    here = script.replace("http://localhost:8080", laptop.settings.url)
    assert here != script
    here = here.replace(".data/mail", str(laptop.settings.mail_folder))
    environ = {**os.environ, "NO_PROXY": "*"}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", here], env=environ, capture_output=True, check=True
    )
    return done.stdout.decode()


def test_reflection_lists_the_services(laptop: Laptop) -> None:
    """Tools like grpcurl find the services without proto files."""
    for context, address in laptop.settings.listen.items():
        with grpc.insecure_channel(address) as channel:
            names = ProtoReflectionDescriptorDatabase(channel).get_services()
        assert any(name.startswith(f"coditect.{context}.v5.") for name in names)

"""The whole product with its sidecars, run from its images under a pod's restrictions."""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from tests.images.chroot import Chroot
from tests.support import foundationdb
from tests.support.mesh import Mesh
from tools import settings
from tools.folder import DataFolder
from tools.images import Built
from tools.laptop import Laptop
from tools.processes import Program
from tools.settings import Settings

PASSWORD = "correct horse battery staple"


@pytest.fixture
def url(services: Built, gateway: Built, tmp_path: Path) -> Iterator[str]:
    """The URL of the gateway, once everything is ready."""
    volume = tmp_path / "volume"
    volume.mkdir()
    mesh = Mesh(volume / "certificates")
    with ExitStack() as stack:
        services_image, gateway_image = (
            stack.enter_context(Chroot(image.reference, volume)) for image in (services, gateway)
        )

        def programs(configured: Settings, folder: DataFolder) -> Iterator[Program]:
            for program in mesh.programs(configured, folder):
                _, _, module, *arguments = program.argv
                # The configuration of Envoy is written to memory, as in a pod.
                environ = {**program.environ, "RUN_FOLDER": "/run/coditect"}
                if module == "gateway":
                    argv = gateway_image.argv(*arguments)
                else:
                    argv = services_image.argv(module, *arguments)
                yield replace(program, argv=argv, environ=environ)

        variables = {
            "PORT": "0", "DATA": str(tmp_path / "data"), "STORE_URL": store_in(volume),
            "MAIL_URL": f"file://{volume}/mail", "PATH": os.environ["PATH"],
        }  # fmt: skip
        began = time.monotonic()
        laptop = stack.enter_context(Laptop(settings.read(variables), programs))
        laptop.wait_until_ready()
        print(f"ready after {time.monotonic() - began:.1f} s")  # noqa: T201
        yield laptop.settings.url


def store_in(volume: Path) -> str:
    """The address of a store that a program with this volume can reach."""
    if foundationdb.chosen():
        # The client rewrites the file, so it is not shared.
        file = volume / "fdb.cluster"
        shutil.copy(foundationdb.cluster_file(), file)
        file.chmod(0o666)
        return foundationdb.url(volume, file)
    return f"lmdb://{volume}/store"


def test_one_day(url: str) -> None:
    """A user registers, logs in, opens a session and lists it; after the logout calls are refused."""
    with httpx.Client(base_url=f"{url}/api/v5", timeout=20, trust_env=False) as http:
        name = {"firstName": "Ada", "lastName": "Lovelace"}
        person = {"email": "ada@example.com", "password": PASSWORD}
        assert http.post("/auth/register", json=person | name).status_code == 201
        login = http.post("/auth/login", json=person)
        assert login.status_code == 200
        token = login.json()["data"]["tokens"]["accessToken"]
        http.headers["authorization"] = f"Bearer {token}"
        made = http.post("/sessions", json={"name": "from an image"})
        assert made.status_code == 201
        found = http.get("/sessions").json()["data"]["sessions"]
        assert found == [made.json()["data"]]
        assert http.get("/tenants").json()["data"]["tenants"][0]["role"] == "owner"
        assert http.post("/auth/logout").status_code == 200
        refused = http.get("/sessions")
        assert refused.status_code == 401
        assert refused.json()["error"]["code"] == "ACCESS_TOKEN_REVOKED"

"""The web server in the image of the frontend: it runs as in a pod, and serves what the gateway would."""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import httpx
import pytest

from tests.gateway.environment import Environment, open_environment
from tests.images.chroot import Chroot
from tools.images import Built

PAGE = {"accept": "text/html,*/*;q=0.8", "accept-encoding": "gzip"}
ANY = {"accept": "*/*", "accept-encoding": "gzip"}
# What differs on purpose: each server's own, and what only one of them has.
OWN = {
    *("date", "server", "connection", "etag", "last-modified", "accept-ranges"),
    *("x-request-id", "content-length", "transfer-encoding"),
}


@pytest.fixture(scope="module")
def inside(frontend: Built, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chroot]:
    """A chroot in the image."""
    with Chroot(frontend.reference, tmp_path_factory.mktemp("volume")) as entered:
        yield entered


@pytest.fixture(scope="module")
def server(inside: Chroot) -> Iterator[httpx.Client]:
    """The server of the image, under a pod's restrictions, at a free port."""
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    script = (
        f"sed 's/listen 8080;/listen 127.0.0.1:{port};/' /etc/nginx/nginx.conf > /tmp/own.conf\n"
        "exec nginx -c /tmp/own.conf > >(cat) 2>&1"
    )
    process = subprocess.Popen(inside.command("bash", "-c", script))
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            _wait(client)
            yield client
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="module")
def gateway(inside: Chroot, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Environment]:
    """The gateway with the files of the image."""
    folder = tmp_path_factory.mktemp("edge")
    site = inside.root / "srv/site"
    with open_environment(folder, site=site, cors_origins=()) as made:
        yield made


def _wait(client: httpx.Client) -> None:
    for _ in range(200):
        with suppress(httpx.TransportError):
            client.get("/")
            return
        time.sleep(0.05)
    raise AssertionError("it does not answer")


def _addresses(site: Path) -> list[str]:
    """The address of every file, and addresses that the console routes or that lead nowhere."""
    files = [f"/{file.relative_to(site).as_posix()}" for file in site.rglob("*") if file.is_file()]
    return [
        *files,
        *("/", "/docs", "/docs/", "/login", "/sessions/6f1c?x=y", "/apis", "/index.html"),
        *("/api", "/api/v5/nothing", "/oauth/nothing", "/.well-known/nothing", "/docs/nothing"),
        *("/assets/", "/assets/nothing.js", "/favicon.ico", "/nothing.gz"),
    ]


def _shown(answer: httpx.Response) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name not in OWN}


def test_it_works_in_a_pod(inside: Chroot) -> None:
    """The self-test passes without privileges, on a read-only root with only /tmp to write to."""
    assert "and it works" in inside.run("bash", "/srv/selftest.sh")


def test_it_has_only_the_site(inside: Chroot) -> None:
    """There is neither Node.js nor Python, and nothing of the sources."""
    found = inside.run("sh", "-c", "IFS=:; ls $PATH 2>/dev/null || true").split()
    assert not {"node", "npm", "python", "python3"} & set(found)
    assert {path.name for path in (inside.root / "srv").iterdir()} == {"selftest.sh", "site"}
    assert (inside.root / "srv/site/assets").is_dir()
    assert not [
        file for file in inside.root.glob("srv/site/**/*") if file.suffix in {".ts", ".map"}
    ]


@pytest.mark.parametrize("headers", [PAGE, ANY], ids=["page", "file"])
def test_it_serves_what_the_gateway_serves(
    server: httpx.Client, gateway: Environment, inside: Chroot, headers: dict[str, str]
) -> None:
    """Both servers answer every address with the same status, headers and body."""
    compared = 0
    for address in _addresses(inside.root / "srv/site"):
        answers = [one.get(address, headers=headers) for one in (server, gateway.client)]
        ours, theirs = answers
        assert ours.status_code == theirs.status_code, address
        if ours.is_success:
            assert ours.content == theirs.content, address
            assert _shown(ours) == _shown(theirs), address
            compared += 1
        else:
            # The gateway's errors are in the envelope.
            assert ours.headers["cache-control"] == theirs.headers["cache-control"] == "no-store"
    assert compared >= (10 if headers == PAGE else 5)


def test_files_are_only_read(server: httpx.Client) -> None:
    """Another method is refused."""
    for verb in ("POST", "PUT", "DELETE"):
        answer = server.request(verb, "/docs")
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


def test_a_page_that_the_browser_has_is_not_sent_again(server: httpx.Client) -> None:
    """With the ETag, a browser gets 304, with the policy of the page."""
    whole = server.get("/login", headers=PAGE)
    answer = server.get("/login", headers=PAGE | {"if-none-match": whole.headers["etag"]})
    assert (answer.status_code, answer.content) == (304, b"")
    policy = "content-security-policy"
    assert answer.headers[policy] == whole.headers[policy]


def test_a_browser_that_used_tls_keeps_to_it(server: httpx.Client) -> None:
    """Behind a proxy that says there was TLS, pages have the header of HTTP over TLS."""
    for scheme, expected in (("https", "max-age=31536000"), ("http", None)):
        answer = server.get("/", headers={"x-forwarded-proto": scheme})
        assert answer.headers.get("strict-transport-security") == expected

"""Breached passwords over all sources: what is asked, and what counts if a source cannot tell."""

import asyncio
import json
import subprocess
import sys
import unicodedata
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from kernel.settings import SettingsInvalid
from services.auth.passwords.breached import BreachedPasswords, BreachedSource
from services.auth.passwords.policy import PasswordPolicy
from services.auth.passwords.sources import sources_of
from tests.services.auth.harness import make_settings
from tests.support.program import ROOT, SECONDS
from tests.support.range_server import range_server, sha1

KNOWN = "a password that was found"
UNKNOWN = "a password of my own"


class Checked(PasswordPolicy):
    """A policy with the sources of its settings, whose metric can be read."""

    def __init__(self, sources: Sequence[BreachedSource]) -> None:
        self.registry = CollectorRegistry()
        super().__init__(make_settings(), BreachedPasswords(sources, self.registry))

    def count(self, source: str, outcome: str) -> float | None:
        """How many searches of a source ended so; None if that is not shown."""
        labels = {"source": source, "outcome": outcome}
        return self.registry.get_sample_value("coditect_breached_password_checks_total", labels)


@asynccontextmanager
async def policy_of(**environ: str) -> AsyncIterator[Checked]:
    """The policy with the sources that an environment names, closed at the end."""
    sources = sources_of(make_settings(**environ))
    try:
        yield Checked(sources)
    finally:
        for source in sources:
            await source.close()


def listing(path: Path, *passwords: str) -> str:
    """A file that lists passwords."""
    path.write_text("".join(f"{digest}:2\r\n" for digest in sorted(map(sha1, passwords))))
    return str(path)


async def test_without_a_source_no_password_is_breached() -> None:
    """Nothing is asked, and no metric is shown."""
    async with policy_of() as policy:
        assert not await policy.breached(KNOWN)
        assert policy.count("file", "absent") is None


async def test_every_source_is_asked_until_one_knows(tmp_path: Path) -> None:
    """The service gets no password that the file has, and the others; each search is counted."""
    path = listing(tmp_path / "hashes", KNOWN)
    async with range_server() as server:
        server.counts = {"a password that is new": 1}
        environ = {"BREACHED_PASSWORDS_FILE": path, "BREACHED_PASSWORDS_URL": server.url}
        async with policy_of(**environ) as policy:
            assert policy.count("url", "failed") == 0
            assert await policy.breached(KNOWN)
            assert server.requests == []
            assert await policy.breached("a password that is new")
            assert not await policy.breached(UNKNOWN)
    outcomes = ("found", "absent", "failed")
    assert [policy.count("file", outcome) for outcome in outcomes] == [1, 2, 0]
    assert [policy.count("url", outcome) for outcome in outcomes] == [1, 1, 0]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
async def test_both_compositions_are_one_password(tmp_path: Path, form: str) -> None:
    """A password is found in its composed form, as it is hashed, however a keyboard gives it."""
    composed = "caf\u00e9 na\u00efve r\u00e9sum\u00e9"
    path = listing(tmp_path / "hashes", composed)
    async with policy_of(BREACHED_PASSWORDS_FILE=path) as policy:
        assert await policy.breached(unicodedata.normalize(form, composed))  # type: ignore[arg-type]


async def test_a_service_that_is_down_lets_passwords_pass() -> None:
    """If it refuses, or is not there, a password is accepted and a failure counted."""
    async with range_server() as server:
        server.status = "503 Unavailable"
        async with policy_of(BREACHED_PASSWORDS_URL=server.url) as policy:
            assert not await policy.breached(KNOWN)
            assert policy.count("url", "failed") == 1
    async with policy_of(BREACHED_PASSWORDS_URL="http://127.0.0.1:9/range") as policy:
        assert not await policy.breached(KNOWN)
        assert policy.count("url", "failed") == 1


async def test_a_service_has_one_second() -> None:
    """A service that answers late counts as down; its late answer disturbs no later search."""
    async with range_server() as server:
        server.counts = {KNOWN: 1}
        async with policy_of(BREACHED_PASSWORDS_URL=server.url) as policy:
            server.delay = 60
            began = asyncio.get_running_loop().time()
            assert not any(await asyncio.gather(*(policy.breached(KNOWN) for _ in range(20))))
            assert 0.9 < asyncio.get_running_loop().time() - began < 3
            assert policy.count("url", "failed") == 20
            server.delay = 0
            # A busy machine can be late once or twice, too.
            assert any([await policy.breached(KNOWN) for _ in range(10)])


async def test_a_file_that_vanishes_lets_passwords_pass(tmp_path: Path) -> None:
    """While the file cannot be read passwords are accepted; once it is back it counts again."""
    path = tmp_path / "hashes"
    listing(path, KNOWN)
    async with policy_of(BREACHED_PASSWORDS_FILE=str(path)) as policy:
        path.unlink()
        assert not await policy.breached(KNOWN)
        path.write_text("no hashes")
        assert not await policy.breached(KNOWN)
        listing(path, KNOWN)
        assert await policy.breached(KNOWN)
        assert [policy.count("file", one) for one in ("found", "failed")] == [1, 2]


async def test_a_bad_file_is_named_before_the_first_call(tmp_path: Path) -> None:
    """The check of all sources raises what is wrong with the file, and does not need the service."""
    environ = {"BREACHED_PASSWORDS_URL": "http://127.0.0.1:9/range"}
    for path in (listing(tmp_path / "hashes", KNOWN), str(tmp_path)):
        sources = sources_of(make_settings(**environ, BREACHED_PASSWORDS_FILE=path))
        breached = BreachedPasswords(sources)
        expected = pytest.raises(SettingsInvalid, match="FILE: cannot be read: Is a directory")
        with expected if path == str(tmp_path) else nullcontext():
            await breached.check()
        await breached.close()


PROGRAM = """
import asyncio
from kernel import log
from services.auth.passwords.breached import BreachedPasswords
from services.auth.passwords.breached_range import BreachedRange

log.configure("auth", "DEBUG")

async def main():
    passwords = BreachedPasswords([BreachedRange("http://127.0.0.1:9/range")])
    assert not await passwords.contain("hunter2 hunter2")
    await passwords.close()

asyncio.run(main())
"""


def test_the_log_says_that_a_source_failed() -> None:
    """One line names the source and the kind of failure, and has no digit of the hash."""
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=True
    )  # fmt: skip
    (line,) = map(json.loads, ended.stdout.splitlines())
    assert (line["level"], line["event"]) == ("warning", "breached passwords not checked")
    assert (line["source"], line["error"]) == ("url", "ConnectError")
    assert sha1("hunter2 hunter2")[:5] not in ended.stdout.upper()

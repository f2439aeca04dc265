"""The laptop system as a library, as the end-to-end tests use it."""

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psutil
import pytest

from tests.tools.conftest import gone
from tests.tools.fake_run import fakes
from tools import folder
from tools import laptop as laptop_module
from tools.folder import DataFolder
from tools.laptop import Laptop, Trouble
from tools.processes import Program
from tools.settings import Settings, read


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Free ports, and a data folder whose name needs quoting."""
    return read({**os.environ, "PORT": "0", "DATA": str(tmp_path / "my data? 100%41")})


def test_kill_and_restart(settings: Settings) -> None:
    """A service that the test kills is not reported, and `restart` starts it as a new process."""
    with Laptop(settings, fakes) as laptop:
        laptop.wait_until_ready()
        before = psutil.Process(laptop.pid("auth"))
        laptop.kill("auth")
        assert gone([before], seconds=0)
        laptop.check()
        laptop.restart("auth")
        laptop.wait_until_ready()
        assert laptop.pid("auth") != before.pid


def test_check_names_a_dead_program(settings: Settings) -> None:
    """The exit report quotes the log of this run, not of the one before."""
    with Laptop(settings, fakes) as laptop:
        laptop.wait_until_ready()
    with Laptop(settings, fakes) as laptop:
        laptop.wait_until_ready()
        process = psutil.Process(laptop.pid("auth"))
        process.kill()
        assert gone([process])
        with pytest.raises(Trouble) as trouble:
            laptop.check()
    assert str(trouble.value) == ("auth died: killed by SIGKILL\nthe end of its log:\n  auth runs")


def test_one_of_several_is_started_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system goes on without it, and says how it ended; one that dies at once ends the system."""
    several = read({**settings.environ, "WORKERS": "2"})
    monkeypatch.setattr(laptop_module, "SETTLED_SECONDS", 0)
    with Laptop(several, fakes) as laptop:
        laptop.wait_until_ready()
        process = psutil.Process(laptop.pid("auth-2"))
        process.kill()
        assert gone([process])
        [report] = laptop.check()
        assert report.startswith("auth-2 died: killed by SIGKILL\n")
        assert laptop.check() == []
        assert laptop.pid("auth-2") != process.pid
        monkeypatch.setattr(laptop_module, "SETTLED_SECONDS", 60)
        process = psutil.Process(laptop.pid("auth-2"))
        process.kill()
        assert gone([process])
        with pytest.raises(Trouble, match="auth-2 died"):
            laptop.check()


def test_logs_are_rotated_while_it_runs(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A log that has grown too big begins anew, and an exit report quotes what came after."""
    monkeypatch.setattr(folder, "LOG_LIMIT", 9)
    with Laptop(settings, fakes) as laptop:
        log = settings.data / "log" / "tenants.log"
        laptop.wait_until_ready()  # which checks, too
        laptop.check()
        assert log.read_text() == ""
        assert log.with_suffix(".old.log").read_text() == "tenants runs\n"
        with log.open("a") as appended:
            appended.write("it ends\n")
        laptop.kill("auth")
        process = psutil.Process(laptop.pid("tenants"))
        process.kill()
        assert gone([process])
        with pytest.raises(Trouble, match=r"the end of its log:\n  it ends$"):
            laptop.check()


def test_stubborn_is_killed(settings: Settings) -> None:
    """A program that does not stop in time is killed and named."""
    stubborn = read({**settings.environ, "FAKE_SESSIONS": "stubborn"})
    laptop = Laptop(stubborn, fakes)
    laptop.start()
    laptop.wait_until_ready()
    process = psutil.Process(laptop.pid("sessions"))
    assert laptop.stop(seconds=3) == ["sessions"]  # the others end within this time
    assert gone([process], seconds=0)


def test_services_get_addresses_and_keys(settings: Settings) -> None:
    """A service gets its store, addresses and keys, and the caller's environment."""
    with Laptop(settings, fakes) as laptop:
        environs = {
            name: psutil.Process(laptop.pid(name)).environ()
            for name in ("auth", "sessions", "tenants")
        }
    assert environs["auth"]["MAIL_URL"] == environs["tenants"]["MAIL_URL"]
    mail = urlsplit(environs["tenants"]["MAIL_URL"])
    assert (mail.scheme, unquote(mail.path)) == ("file", f"{settings.data}/mail")
    store = urlsplit(environs["auth"]["STORE_URL"])
    assert (store.scheme, unquote(store.path)) == ("lmdb", f"{settings.data}/store")
    assert environs["auth"]["LISTEN"] == environs["sessions"]["AUTH_ADDRESS"]
    assert environs["sessions"]["LISTEN"] == environs["tenants"]["SESSIONS_ADDRESS"]
    assert environs["auth"]["SERVICE_KEYS"] == environs["sessions"]["SERVICE_KEYS"]
    assert environs["auth"]["SEAL_KEYS"] != environs["sessions"]["SEAL_KEYS"]
    assert environs["auth"]["PATH"] == os.environ["PATH"]


def test_a_failed_start_leaves_nothing(settings: Settings) -> None:
    """When a program cannot be started, those before it are stopped and the folder is free."""
    started: list[psutil.Process] = []
    before = psutil.Process().children()

    def broken(settings: Settings, folder: DataFolder) -> Iterator[Program]:
        yield next(iter(fakes(settings, folder)))
        started.extend(set(psutil.Process().children()) - set(before))
        yield Program("gateway", ("/nowhere/envoy",), {})

    with pytest.raises(FileNotFoundError):
        Laptop(settings, broken).start()
    assert gone(started, seconds=0)
    with Laptop(settings, fakes):
        pass

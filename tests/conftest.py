"""Fixtures that any test may want."""

import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kernel.storage import Store, open_store
from tests.support import foundationdb
from tools import node

_BROWSERS = frozenset({"chromium", "named_chromium"})

# Tests start processes beside running gRPC servers. What gRPC would do at a fork, for children that
# go on to use it, breaks those that do not. Read when gRPC is first imported.
os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "0"
# Clients of tests reach this machine directly, also where downloads need a proxy.
for _variable in ("no_proxy", "NO_PROXY"):
    _direct = ("localhost", "127.0.0.1", "::1", os.environ.get(_variable, ""))
    os.environ[_variable] = ",".join(filter(None, _direct))
# Also where the environment says otherwise: a test starts hundreds of processes, and each would compile
# the product, and each worker the tests, again.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# Where the machine has no Node.js, that of .venv, if `make` has installed one.
if node.folder() == Path(sys.executable).parent:
    os.environ.update(node.environ(Path(sys.executable).parent))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the choice of the store."""
    parser.addoption("--store", choices=("lmdb", "fdb"), default="lmdb", help="what to run on")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """How many workers `-n auto` means: three for two cores, because tests wait for other processes, too."""
    cores = (
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    )
    return cores + cores // 2


def pytest_configure(config: pytest.Config) -> None:
    """Names the marks of the suites, and starts the cluster of a run on FoundationDB."""
    config.addinivalue_line("markers", "needs(capability): what a backend must be able to do")
    config.addinivalue_line("markers", "browser: runs in a browser; set by the fixtures of a test")
    config.addinivalue_line("markers", "drill: kills, starves, upgrades or copies what runs")
    if hasattr(config, "workerinput") or not config.getoption("numprocesses", None):
        _let_children_have_signals()
    if config.getoption("store") == "fdb" and not hasattr(config, "workerinput"):
        config.pluginmanager.register(foundationdb.SharedCluster())


def pytest_itemcollected(item: pytest.Item) -> None:
    """Marks what runs in a browser, which `make test` leaves out."""
    if isinstance(item, pytest.Function) and _BROWSERS.intersection(item.fixturenames):
        item.add_marker("browser")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says once what this run has left out."""
    if not foundationdb.chosen():
        terminalreporter.line(foundationdb.WHY_NOT)


def _let_children_have_signals() -> None:
    """Lets the processes that tests start react to signals, also where this process ignores them.

    Under `nohup` or in a background job it ignores some. A child inherits that, but not a handler.
    Not in the process that only starts workers: they would end with the terminal.
    """
    for ignored in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
        if signal.getsignal(ignored) is signal.SIG_IGN:
            signal.signal(ignored, lambda *_: None)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """An empty store of its own."""
    opened = open_store(f"lmdb://{tmp_path}/store?map_size={1 << 30}")
    yield opened
    await opened.close()

"""The process of a service: startup message, settings, store, server, exit.

python -m services.auth                  serves
python -m services.auth --check-config   checks the settings and exits
python -m services.auth --version        prints the release and exits
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import TypeVar

import uvloop

from kernel import log, streams, tracing
from kernel.backlogs import Backlogs
from kernel.clock import SystemClock
from kernel.identity import callers
from kernel.identity.access_rules import RuleMissing
from kernel.ids import SystemIds
from kernel.rpc import arrival
from kernel.rpc.listening import CannotListen
from kernel.rpc.server import App, Server, stop_on_signals
from kernel.seal import SealKeysWrong
from kernel.settings import ServiceSettings, SettingsInvalid
from kernel.storage import Store, StoreOpenFailed, check_address, open_store
from kernel.storage.moving.progress import is_unfinished
from kernel.tracing.store import traced_store
from kernel.version import VERSION

_logger = log.get(__name__)

Settings = TypeVar("Settings", bound=ServiceSettings)
Build = Callable[[Settings, Store, SystemClock, SystemIds], App]

_BAD_CONFIG = 2


def main(
    name: str,
    settings_type: type[Settings],
    build: Build[Settings],
    environ: Mapping[str, str] = os.environ,
    arguments: Sequence[str] | None = None,
) -> int:
    """Runs a service until it is asked to stop; returns the exit code.

    0: stopped on request; 1: failed; 2: cannot start as configured.
    """
    streams.prepare()
    # Before anything can fail, so that no process dies silently.
    _say(f"{name}: starting")
    parser = argparse.ArgumentParser(prog=f"python -m services.{name}")
    parser.add_argument("--version", action="version", version=f"{name} {VERSION}")
    parser.add_argument("--check-config", action="store_true", help="check the settings and exit")
    options = parser.parse_args(arguments)
    try:
        settings = settings_type.read(environ)
    except SettingsInvalid as error:
        return _refuse(name, error.problems)
    try:
        check_address(settings.store_url)
    except StoreOpenFailed as error:
        return _refuse(name, [f"STORE_URL: {error}"])
    if options.check_config:
        print(f"{name}: settings are good")  # noqa: T201
        return 0
    fields = (arrival.log_fields, tracing.log_fields, callers.log_fields)
    log.configure(name, settings.log_level, *fields)
    try:
        uvloop.run(_serve(name, settings, build))
    except (StoreOpenFailed, CannotListen, RuleMissing, SealKeysWrong, SettingsInvalid) as error:
        return _refuse(name, [str(error)])
    except Exception as error:
        _logger.critical("ended by an unexpected error", exc_info=error)
        return 1
    return 0


async def _serve(name: str, settings: Settings, build: Build[Settings]) -> None:
    asyncio.get_running_loop().set_exception_handler(log.log_loop_error)
    stop = stop_on_signals()
    tracing.start(name, settings)
    store = traced_store(open_store(settings.store_url), name, settings.store_url)
    try:
        clock = SystemClock()
        app = build(settings, store, clock, SystemIds())
        app.prepare = (lambda: _check_whole(store), *app.prepare)
        app.usage, app.backup_age = store.usage, store.backup_age
        if settings.metrics_listen:
            _measure(app, settings, store, clock)
            app.telemetry.serve(settings.metrics_listen)
        server = Server(app, settings)
        if await _started(server, stop):
            await server.run(stop)
    finally:
        await store.close()
        await tracing.stop()


def _measure(app: App, settings: ServiceSettings, store: Store, clock: SystemClock) -> None:
    """Adds the metrics that every service has beside those of its calls."""
    app.telemetry.show_build(settings.revision)
    app.telemetry.show_transactions(store)
    app.telemetry.gauge(
        "coditect_revocation_feed_age_seconds",
        "How long ago the process last heard which tokens are revoked; +Inf before the first time.",
        app.authorizer.revocations.age,
    )
    queues = Backlogs(app.telemetry, store, clock, settings.sweep_seconds)
    app.tasks = {**app.tasks, "measure_queues": queues.run}


async def _started(server: Server, stop: asyncio.Event) -> bool:
    """Starts, which may wait for the store; False if asked to stop before it has started."""
    starting, stopping = asyncio.create_task(server.start()), asyncio.create_task(stop.wait())
    await asyncio.wait((starting, stopping), return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not starting.done():
        starting.cancel()
        return False
    await starting
    return True


async def _check_whole(store: Store) -> None:
    """Rejects the target of an unfinished copy: the service would serve half of the data."""
    if await is_unfinished(store):
        raise StoreOpenFailed("The store is the target of a copy that is not finished.")


def _refuse(name: str, problems: Sequence[str]) -> int:
    for problem in problems:
        _say(f"{name}: {problem}")
    return _BAD_CONFIG


def _say(text: str) -> None:
    with suppress(OSError):  # the log may be on a disk that is full; that stops no service
        print(text, file=sys.stderr, flush=True)  # noqa: T201

"""The programs of the laptop system, with the environment of each."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from tools.folder import SERVICE_KEYS, DataFolder, seal_keys
from tools.processes import Program
from tools.settings import CONTEXTS, HOST, Settings, SetupError
from tools.site import built

ROOT = Path(__file__).resolve().parent.parent
CONTRACT = ROOT / "build" / "contract.binpb"


def services_and_gateway(settings: Settings, folder: DataFolder) -> Iterator[Program]:
    """The three services, then the gateway.

    The services come first because they take longest to start; meanwhile the gateway's
    configuration is rendered. A service does not need another one to be running when it starts. The
    gateway waits for them, so that it does not report at every start that it cannot reach them.
    """
    for context in CONTEXTS:
        for number in range(len(settings.workers[context])):
            yield service(context, settings, folder, number)
    yield _gateway(settings, folder)


def service(context: str, settings: Settings, folder: DataFolder, number: int = 0) -> Program:
    """A process of a context; its environment is the caller's plus the settings decided here.

    Args:
        context: The context.
        settings: The settings of the system.
        folder: Where its keys are.
        number: Which of the processes of the context, counted from 0. It calls the processes of the
            other contexts with the same number.
    """
    name = settings.workers[context][number]
    environ = {
        **settings.environ,
        **addresses(settings, number),
        "PYTHONUNBUFFERED": "1",
        "STORE_URL": settings.store,
        "MAIL_URL": settings.mail_url,
        "LISTEN": settings.listen[name],
        "METRICS_LISTEN": f"{HOST}:{settings.metrics_ports[name]}",
        "SERVICE_KEYS": folder.keys[SERVICE_KEYS],
        "SEAL_KEYS": folder.keys[seal_keys(context)],
        "OAUTH_PAGES": _oauth_pages(settings),
        # A developer's receiver runs on this machine.
        "WEBHOOK_PRIVATE_ADDRESSES": settings.environ.get("WEBHOOK_PRIVATE_ADDRESSES")
        or "loopback",
    }
    several = len(settings.workers[context])
    if several > 1:
        # Together they hash as many passwords at once as one process would.
        environ.setdefault("HASH_THREADS", str(max(1, (os.cpu_count() or 1) // several)))
    argv = (sys.executable, "-m", f"services.{context}")
    return Program(name, argv, environ, restarted=several > 1)


def _oauth_pages(settings: Settings) -> str:
    """Which pages let programs in: those of the console, if the gateway serves one."""
    site = settings.environ.get("SITE")
    served = "console" if site and built.has_console(Path(site)) else "plain"
    return settings.environ.get("OAUTH_PAGES") or served


def _gateway(settings: Settings, folder: DataFolder) -> Program:
    # Imported here because it takes longer than starting the services does.
    from gateway import contract, launch  # noqa: PLC0415
    from gateway.settings import Settings as GatewaySettings  # noqa: PLC0415
    from kernel.settings import SettingsInvalid  # noqa: PLC0415

    environ = {
        **settings.environ,
        **_all_addresses(settings),
        "LISTEN": ",".join(f"{host}:{settings.port}" for host in settings.gateway_hosts),
        "CONTRACT": str(CONTRACT),
        "RUN_FOLDER": str(settings.data / "run"),
    }
    try:
        gateway = GatewaySettings.read(environ)
        files = launch.edge_files(contract.load(gateway.contract), gateway)
    except (SettingsInvalid, contract.ContractError) as error:
        raise SetupError(f"gateway: {error}") from None
    for name, text in files.items():
        folder.write_private(f"run/{name}", text)
    argv = launch.argv(gateway.run_folder / launch.CONFIG, gateway)
    waits_for = tuple(settings.listen.values())
    return Program("gateway", argv, settings.environ, stops_first=True, waits_for=waits_for)


def addresses(settings: Settings, number: int = 0) -> dict[str, str]:
    """The settings with the address of one process of every context, for those who call only one."""
    return {
        f"{context.upper()}_ADDRESS": settings.listen[names[number]]
        for context, names in settings.workers.items()
    }


def _all_addresses(settings: Settings) -> dict[str, str]:
    """The settings with the addresses of every process, over which the gateway spreads its calls."""
    return {
        f"{context.upper()}_ADDRESS": ",".join(settings.listen[name] for name in names)
        for context, names in settings.workers.items()
    }

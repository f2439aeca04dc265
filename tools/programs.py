"""Which programs make up the laptop system, and what each of them is told."""

import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from tools.folder import SERVICE_KEYS, DataFolder, seal_keys
from tools.processes import Program
from tools.settings import CONTEXTS, HOST, Settings, SetupError

ROOT = Path(__file__).resolve().parent.parent
CONTRACT = ROOT / "build" / "contract.binpb"


def services_and_gateway(settings: Settings, folder: DataFolder) -> Iterator[Program]:
    """The three services, then the gateway.

    The services come first because they take longest to start: while they do, the gateway's
    configuration is rendered. None of them needs another to be there already.
    """
    for context in CONTEXTS:
        yield service(context, settings, folder)
    yield _gateway(settings, folder)


def service(context: str, settings: Settings, folder: DataFolder) -> Program:
    """The service of a context; its environment is the caller's, with what is decided here on top."""
    environ = {
        "MAIL_URL": f"file://{quote(str(settings.data / 'mail'))}",  # unless told otherwise
        **settings.environ,
        **addresses(settings),
        "PYTHONUNBUFFERED": "1",
        "STORE_URL": settings.store,
        "LISTEN": f"{HOST}:{settings.ports[context]}",
        "METRICS_LISTEN": f"{HOST}:{settings.metrics_ports[context]}",
        "SERVICE_KEYS": folder.keys[SERVICE_KEYS],
        "SEAL_KEYS": folder.keys[seal_keys(context)],
    }
    return Program(context, (sys.executable, "-m", f"services.{context}"), environ)


def _gateway(settings: Settings, folder: DataFolder) -> Program:
    # Here, not at the top: these imports take longer than starting the services.
    from gateway import contract, launch  # noqa: PLC0415
    from gateway.settings import Settings as GatewaySettings  # noqa: PLC0415
    from kernel.settings import SettingsInvalid  # noqa: PLC0415

    environ = {
        **settings.environ,
        **addresses(settings),
        "LISTEN": f"{HOST}:{settings.port}",
        "CONTRACT": str(CONTRACT),
        "RUN_FOLDER": str(settings.data / "run"),
    }
    try:
        told = GatewaySettings.read(environ)
        files = launch.edge_files(contract.load(told.contract), told)
    except (SettingsInvalid, contract.ContractError) as error:
        raise SetupError(f"gateway: {error}") from None
    for name, text in files.items():
        folder.write_private(f"run/{name}", text)
    argv = launch.argv(told.run_folder / launch.CONFIG, told)
    return Program("gateway", argv, settings.environ, door=True)


def addresses(settings: Settings) -> dict[str, str]:
    """Where every service is, as services and gateway are told."""
    return {f"{name.upper()}_ADDRESS": f"{HOST}:{port}" for name, port in settings.ports.items()}

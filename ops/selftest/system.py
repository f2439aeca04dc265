"""The three services as processes, with their own store."""

import asyncio
import base64
import secrets
import socket
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from kernel.rpc.client import Client
from kernel.version import VERSION
from ops.selftest import programs
from ops.selftest.failure import Failed

CONTEXTS = ("auth", "tenants", "sessions")
_HOST = "127.0.0.1"
_START_SECONDS = 60.0
_STOP_SECONDS = 15.0
_TICK_SECONDS = 0.05
_SERVING = health_pb2.HealthCheckResponse.SERVING


class System:
    """The three services, from start to exit.

    Args:
        folder: Where the store and the logs go.
    """

    def __init__(self, folder: Path) -> None:
        self.store = f"lmdb://{folder}/store"
        self.clients: Mapping[str, Client] = {}
        self._folder = folder
        self._processes: dict[str, asyncio.subprocess.Process] = {}
        addresses = dict(zip(CONTEXTS, _free_addresses(len(CONTEXTS)), strict=True))
        environ = {f"{name.upper()}_ADDRESS": address for name, address in addresses.items()}
        environ |= {"STORE_URL": self.store, "SERVICE_KEYS": _key(), "SEAL_KEYS": _key()}
        self._addresses = addresses
        self._environs = {name: environ | {"LISTEN": addresses[name]} for name in CONTEXTS}

    async def __aenter__(self) -> Self:
        """Starts nothing yet."""
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Stops the services; after a successful run, checks that they exit cleanly."""
        for client in self.clients.values():
            await client.close()
        running = [process for process in self._processes.values() if process.returncode is None]
        for process in running:
            process.terminate()
        ends = [asyncio.create_task(process.wait()) for process in running]
        if ends:
            await asyncio.wait(ends, timeout=_STOP_SECONDS)
        late = [process for process in running if process.returncode is None]
        for process in late:
            process.kill()
            await process.wait()
        if kind is None:
            self._check_ends()

    async def check_programs(self) -> str:
        """Checks the version and the settings of each program; returns their names.

        Raises:
            Failed: A program does not answer as the real one does.
        """
        for name in CONTEXTS:
            for argument, words in (
                ("--version", f"{name} {VERSION}"),
                ("--check-config", f"{name}: settings are good"),
            ):
                log = self._folder / f"{name}{argument}.log"
                environ = self._environs[name]
                output = await programs.run(f"services.{name}", environ, argument, log=log)
                if words not in output.splitlines():
                    raise Failed(
                        f"services.{name} is not the real program: {argument} printed {output!r}"
                    )
        return ", ".join(CONTEXTS)

    async def start(self) -> None:
        """Starts all and waits until they serve. Raises `Failed`."""
        for name in CONTEXTS:
            self._processes[name] = await programs.start(
                f"services.{name}", self._environs[name], log=self._log(name)
            )
        self.clients = {name: Client(self._addresses[name], name) for name in CONTEXTS}
        try:
            async with asyncio.timeout(_START_SECONDS):
                for name in CONTEXTS:
                    await self._serving(name)
        except TimeoutError:
            raise Failed(f"{name} does not serve{programs.quote(self._log(name))}") from None

    async def _serving(self, name: str) -> None:
        health: Any = self.clients[name].stub(health_pb2_grpc.HealthStub)
        while True:
            for other, process in self._processes.items():
                if process.returncode is not None:
                    words = programs.quote(self._log(other))
                    raise Failed(f"{other} ended, exit code {process.returncode}{words}")
            try:
                answer = await health.Check(health_pb2.HealthCheckRequest(), timeout=1)
            except grpc.aio.AioRpcError:
                pass
            else:
                if answer.status == _SERVING:
                    return
            await asyncio.sleep(_TICK_SECONDS)

    def _check_ends(self) -> None:
        for name, process in self._processes.items():
            if process.returncode:
                words = programs.quote(self._log(name))
                raise Failed(f"asked to stop, {name} ended with {process.returncode}{words}")

    def _log(self, name: str) -> Path:
        return self._folder / f"{name}.log"


def _free_addresses(number: int) -> list[str]:
    """Free addresses, all different."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.create_server((_HOST, 0))) for _ in range(number)]
        return [f"{_HOST}:{taken.getsockname()[1]}" for taken in sockets]


def _key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()

"""Guesses at passwords, over gRPC and without a server, and what they cost."""

import asyncio
from collections import Counter
from collections.abc import Iterable

import grpc
import pytest

from coditect.auth.v5 import logins_pb2
from kernel.rpc.errors import from_call
from kernel.storage import Store
from services.auth.keys import AUTH
from services.auth.logins.errors import BadCredentials
from services.auth.logins.model import LoginResult
from tests.services.auth.harness import EMAIL, OTHER_PASSWORD, PASSWORD, AuthHarness
from tests.services.auth.server import Auth
from tests.support.store import rows_between

WRONG = "BAD_CREDENTIALS"
OK = ""


async def guess(
    auth: Auth,
    address: str,
    email: str = EMAIL,
    password: str = OTHER_PASSWORD,
    device_token: str = "",
) -> str:
    """The reason with which a login from an address is refused; empty if it succeeds."""
    request = logins_pb2.LoginRequest(email=email, password=password, device_token=device_token)
    try:
        await auth.stub.Login(request, metadata=(("x-forwarded-for", address),), timeout=30)
    except grpc.aio.AioRpcError as error:
        return from_call(error).reason
    return OK


async def flood(replicas: list[Auth], addresses: Iterable[str]) -> Counter[str]:
    """Guesses at one account from all addresses at once, over all replicas in turn."""
    guesses = (
        guess(replicas[number % len(replicas)], address) for number, address in enumerate(addresses)
    )
    return Counter(await asyncio.gather(*guesses))


def checks(replicas: list[Auth], against: str) -> int:
    """The hashes that were compared with an `account` or a `decoy`, over all replicas."""
    values = (
        auth.service.app.telemetry.registry.get_sample_value(
            "coditect_password_checks_total", {"against": against}
        )
        for auth in replicas
    )
    return int(sum(value or 0 for value in values))


def networks(number: int) -> list[str]:
    """Addresses of different networks."""
    return [f"198.{18 + one // 256}.{one % 256}.7" for one in range(number)]


async def wrong(harness: AuthHarness, times: int, **given: str) -> None:
    """Logs in with a wrong password some times, one after the other."""
    for _ in range(times):
        with pytest.raises(BadCredentials):
            await harness.log_in(password=OTHER_PASSWORD, **given)


async def lanes(store: Store) -> int:
    """The rows of the throttle."""
    return len(await rows_between(store, *AUTH["throttling"].range()))


async def confirm(harness: AuthHarness, result: LoginResult, password: str) -> None:
    """Changes the password to itself, which needs the right one."""
    await harness.password_change.change(harness.call(result), password, PASSWORD)

"""Guesses at passwords over gRPC, from any address, and the hashes that they cost."""

import asyncio
from collections import Counter
from collections.abc import Iterable

import grpc

from coditect.auth.v5 import logins_pb2
from kernel.rpc.errors import from_call
from tests.services.auth.harness import EMAIL, OTHER_PASSWORD
from tests.services.auth.server import Auth

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

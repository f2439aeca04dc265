"""The generated code of the contract, found by its package."""

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType
from typing import NamedTuple

from google.protobuf.descriptor import ServiceDescriptor


class GeneratedService(NamedTuple):
    """One gRPC service, with the modules of its messages and of its stub and servicer."""

    descriptor: ServiceDescriptor
    messages: ModuleType
    grpc: ModuleType


def services_of(package: str) -> list[GeneratedService]:
    """The services that a package of the contract declares, such as `auth.v5`."""
    return list(_services(f"coditect.{package}"))


def request(package: str, method: str) -> type:
    """The request class of a method."""
    name = f"{method}Request"
    modules = [service.messages for service in services_of(package)]
    found: type = next(getattr(module, name) for module in modules if hasattr(module, name))
    return found


def _services(package: str) -> Iterator[GeneratedService]:
    for found in pkgutil.iter_modules(importlib.import_module(package).__path__):
        if not found.name.endswith("_pb2_grpc"):
            continue
        grpc = importlib.import_module(f"{package}.{found.name}")
        messages = importlib.import_module(f"{package}.{found.name.removesuffix('_grpc')}")
        for descriptor in messages.DESCRIPTOR.services_by_name.values():
            yield GeneratedService(descriptor, messages, grpc)

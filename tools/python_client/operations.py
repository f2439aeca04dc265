"""The operations, and the groups of methods that call them."""

from dataclasses import dataclass

from tools.python_client.document import Document, Endpoint
from tools.python_client.errors import class_name
from tools.python_client.texts import HEADER, docstring, snake
from tools.python_client.types import reference, type_of


@dataclass(frozen=True)
class Flavor:
    """How methods of the sync or the async client are written."""

    prefix: str
    define: str
    wait: str
    pages: str
    lines: str


SYNC = Flavor("", "def", "", "Pages", "Iterator")
ASYNC = Flavor("Async", "async def", "await ", "AsyncPages", "AsyncIterator")


def declarations(document: Document) -> str:
    """The content of `api/operations.py`."""
    declared = "\n\n".join(map(_declaration, document.endpoints))
    return (
        HEADER.format(title="The operations of the API.")
        + "from typing import Any\n\n"
        + f"from coditect_client.models import Empty, {', '.join(document.contexts())}\n"
        + "from coditect_client.operation import Operation\n"
        + f"from coditect_client.pages import Pages\n\n{declared}\n"
    )


def groups(document: Document, flavor: Flavor) -> str:
    """The content of `api/sync.py` or `api/asynchronous.py`."""
    classes = [_group(document, tag, about, flavor) for tag, about in document.tags()]
    return (
        HEADER.format(title="The methods of the client, in groups.")
        + f"from collections.abc import {flavor.lines}\n"
        + "from typing import Any, Literal\n\n"
        + "from coditect_client.api import operations\n"
        + f"from coditect_client.caller import {flavor.prefix}Caller\n"
        + f"from coditect_client.models import Empty, {', '.join(document.contexts())}\n"
        + "from coditect_client.operation import given\n"
        + f"from coditect_client.pages import {flavor.pages}\n\n\n"
        + "\n\n".join(classes)
        + _all_groups(document, flavor)
    )


def _declaration(endpoint: Endpoint) -> str:
    flags = {
        "authorized": endpoint.is_authorized,
        "takes_key": endpoint.takes_key,
        "form": endpoint.has_form,
        "gives_tokens": endpoint.gives_tokens,
        "ends_login": endpoint.ends_login,
    }
    more = [f"{name}=True" for name, value in flags.items() if value]
    if not endpoint.is_enveloped:
        more.append("enveloped=False")
    result = "Any" if endpoint.is_download else endpoint.result
    if endpoint.items:
        field, item = endpoint.items
        result = f"Pages[{item}]"
        more.append(f'items="{field}"')
    settings = ", ".join([f'method="{endpoint.method.upper()}"', f'path="{endpoint.path}"', *more])
    return f"{_constant(endpoint)}: Operation[{result}] = Operation({settings})"


def _constant(endpoint: Endpoint) -> str:
    return snake(endpoint.id).upper()


def _group(document: Document, tag: str, about: str, flavor: Flavor) -> str:
    methods = [_method(one, flavor) for one in document.endpoints if one.tag == tag]
    return (
        f"class {flavor.prefix}{tag}:\n{docstring(about, 4)}\n"
        f"    def __init__(self, caller: {flavor.prefix}Caller) -> None:\n"
        f"        self._caller = caller\n\n{chr(10).join(methods)}"
    )


def _method(endpoint: Endpoint, flavor: Flavor) -> str:
    parameters = ", ".join(["self", *_positional(endpoint), *_by_name(endpoint)])
    arguments = ", ".join([f"operations.{_constant(endpoint)}", *_arguments(endpoint)])
    define, result, call = flavor.define, endpoint.result, f"{flavor.wait}self._caller.call"
    if endpoint.items:
        define, result, call = "def", f"{flavor.pages}[{endpoint.items[1]}]", "self._caller.pages"
    elif endpoint.is_download:
        define, result = "def", f"{flavor.lines}[dict[str, Any]]"
        call = "self._caller.download"
    return (
        f"    {define} {snake(endpoint.id)}({parameters}) -> {result}:\n"
        + docstring(
            f"{endpoint.raw['summary']}. {endpoint.raw['description']}", 8, *_raises(endpoint)
        )
        + f"        return {call}({arguments})\n"
    )


def _positional(endpoint: Endpoint) -> list[str]:
    found = [f"{snake(one['name'])}: str" for one in endpoint.parameters("path")]
    if endpoint.body is not None:
        model = reference(endpoint.body)
        found.append(f"body: {model}" if endpoint.needs_body else f"body: {model} | None = None")
    return found


def _by_name(endpoint: Endpoint) -> list[str]:
    query = endpoint.parameters("query")
    found = [
        f"{snake(one['name'])}: {type_of(one['schema'])}" for one in query if one.get("required")
    ]
    found += [
        f"{snake(one['name'])}: {type_of(one['schema'])} | None = None"
        for one in query
        if not one.get("required")
    ]
    if endpoint.takes_key:
        found.append("idempotency_key: str | None = None")
    return ["*", *found] if found else []


def _arguments(endpoint: Endpoint) -> list[str]:
    found = []
    path, query = endpoint.parameters("path"), endpoint.parameters("query")
    if path:
        pairs = ", ".join(f'"{one["name"]}": {snake(one["name"])}' for one in path)
        found.append(f"path={{{pairs}}}")
    if query:
        pairs = ", ".join(f"{one['name']}={snake(one['name'])}" for one in query)
        found.append(f"query=given({pairs})")
    if endpoint.body is not None:
        found.append("body=body" if endpoint.needs_body else "body=body or {}")
    if endpoint.takes_key:
        found.append("key=idempotency_key")
    return found


def _raises(endpoint: Endpoint) -> list[str]:
    """The errors that are not general ones."""
    own = {
        code: meaning
        for code, meaning in endpoint.errors().items()
        if code not in endpoint.document.general
    }
    if not own:
        return []
    lines = [
        f"    {class_name(code)}: {' '.join(meaning.split())}" for code, meaning in own.items()
    ]
    return ["Raises:\n" + "\n".join(lines)]


def _all_groups(document: Document, flavor: Flavor) -> str:
    lines = [
        f"        self.{snake(tag)} = {flavor.prefix}{tag}(caller)" for tag, _ in document.tags()
    ]
    return (
        f'\n\nclass {flavor.prefix}Groups:\n    """All groups of the API."""\n\n'
        f"    def __init__(self, caller: {flavor.prefix}Caller) -> None:\n"
        + "\n".join(lines)
        + "\n"
    )

"""Reports what the contract breaks for those who rely on it.

`python -m tools.breaking` compares `protos/` with the previous release. This one must stay compatible
with three parties: callers of the public API, the other services during an upgrade, and the rows of
the store. buf checks types and methods, as `buf.yaml` says. Routes, who may call a method, its
idempotency and reasons, and the rules of request fields are options that buf does not read, so this
module compares them.

An intended break is listed in `buf.yaml`, under `breaking.ignore`, for one release.
"""

import argparse
import os
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from google.api import annotations_pb2, field_behavior_pb2
from google.protobuf import text_format
from google.protobuf.descriptor_pb2 import (
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
    MethodOptions,
)

from coditect.access.v1 import access_pb2
from coditect.field.v1 import field_pb2
from coditect.gateway.v1 import gateway_pb2
from coditect.method.v1 import method_pb2
from tools.gen import BIN, ROOT, GenerationError, write_descriptors

PREVIOUS = "PREVIOUS"
"""The environment variable with the revision to compare with."""
_RELEASES = "v[0-9]*"
_UNCHECKED = (field_pb2.FORMAT_UNSPECIFIED, field_pb2.FORMAT_SECRET)
_VARIABLE = re.compile(r"\{[^{}]*\}")


class RevisionMissing(Exception):
    """A revision is not available; the message says why."""


class Form(NamedTuple):
    """What a caller of a route sends and receives."""

    body: str
    response_body: str
    created: bool
    accepted: bool
    bare: bool


def main(argv: Sequence[str] | None = None, environ: Mapping[str, str] = os.environ) -> int:
    """Runs the command line; returns 1 if something is broken."""
    parser = argparse.ArgumentParser(prog="python -m tools.breaking", description=__doc__)
    parser.add_argument("--root", type=Path, default=ROOT, help="the checkout (default: this one)")
    root = parser.parse_args(argv).root
    try:
        revision = environ.get(PREVIOUS) or previous(root)
    except RevisionMissing as missing:
        print(f"tools.breaking: nothing to compare the contract with: {missing}")
        return 0
    try:
        broken = check(root, revision)
    except (RevisionMissing, GenerationError) as error:
        print(f"tools.breaking: {error}", file=sys.stderr)
        return 1
    print(f"the contract {'breaks' if broken else 'is compatible with'} {revision}")
    return int(broken)


def previous(root: Path) -> str:
    """Returns the last release before HEAD; before the first release, the parent of HEAD.

    A tag of HEAD itself does not count, so that a release is compared with the one before it.

    Raises:
        RevisionMissing: at a first commit, in a shallow clone, or where there is no repository.
    """
    parent = _git(root, "rev-parse", "--quiet", "--verify", "--short", "HEAD^")
    try:
        found = _git(root, "describe", "--tags", "--abbrev=0", f"--match={_RELEASES}", "HEAD^")
    except RevisionMissing:
        found = parent
    return found.decode().strip()


def take(root: Path, revision: str, folder: Path) -> None:
    """Writes the tree of a revision into a folder. Raises `RevisionMissing`."""
    with tarfile.open(fileobj=BytesIO(_git(root, "archive", revision))) as archive:
        archive.extractall(folder, filter="data")


def check(root: Path, revision: str) -> bool:
    """Compares the contract with that of a revision.

    Prints breaking changes on stderr, and notices of other changes on stdout.

    Returns:
        Whether anything is broken.

    Raises:
        RevisionMissing: the revision is not available.
        GenerationError: protoc rejects one of the two contracts.
    """
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        old, new = folder / "old.binpb", folder / "new.binpb"
        take(root, revision, folder / "tree")
        write_descriptors(folder / "tree", old)
        write_descriptors(root, new)
        config = root / "buf.yaml"
        judged = subprocess.run(
            [BIN / "buf", "breaking", new, "--against", old, "--config", config],
            stdout=sys.stderr,
            check=False,
        )
        files_before, files_now = _files(old, config), _files(new, config)
    before, now = _methods(files_before), _methods(files_now)
    broken = [
        *_routes_broken(before, now),
        *_callers_refused(before, now),
        *_keys_refused(before, now),
        *_requests_refused(_request_fields(files_before), _request_fields(files_now)),
    ]
    for line in broken:
        print(line, file=sys.stderr)
    for line in (*_rules_changed(before, now), *_reasons_changed(before, now)):
        print(line)
    return bool(broken or judged.returncode)


def _git(root: Path, *arguments: str) -> bytes:
    try:
        done = subprocess.run(["git", "-C", root, *arguments], capture_output=True, check=False)  # noqa: S607 - the developer's own
    except FileNotFoundError:
        raise RevisionMissing("git is not installed") from None
    if done.returncode:
        words = done.stderr.decode(errors="replace").strip()
        raise RevisionMissing(words or "no commit before this one is here")
    return done.stdout


def _files(descriptors: Path, config: Path) -> list[FileDescriptorProto]:
    """The files of a contract, except those that `breaking.ignore` lists."""
    ignored = tuple(yaml.safe_load(config.read_text())["breaking"].get("ignore", ()))
    files = FileDescriptorSet.FromString(descriptors.read_bytes()).file
    return [file for file in files if not file.name.startswith(ignored)]


def _methods(files: Sequence[FileDescriptorProto]) -> Mapping[str, MethodOptions]:
    """The options of each method."""
    return {
        f"{file.package}.{service.name}.{method.name}": method.options
        for file in files
        for service in file.service
        for method in service.method
    }


def _request_fields(
    files: Sequence[FileDescriptorProto],
) -> Mapping[str, Mapping[str, FieldDescriptorProto]]:
    """The fields of each request message, both by name."""
    requests = {
        method.input_type.removeprefix(".")
        for file in files
        for service in file.service
        for method in service.method
    }
    return {
        name: {field.name: field for field in message.field}
        for file in files
        for message in file.message_type
        if (name := f"{file.package}.{message.name}") in requests
    }


def _routes_broken(
    before: Mapping[str, MethodOptions], now: Mapping[str, MethodOptions]
) -> Iterator[str]:
    there = {route: form for options in now.values() for route, form in _routes(options)}
    for name, options in before.items():
        for route, form in _routes(options):
            if route not in there:
                yield f"{name}: {route} is gone"
            elif there[route] != form:
                yield f"{name}: {route} was {form}, is {there[route]}"


def _routes(options: MethodOptions) -> Iterator[tuple[str, Form]]:
    """Each route of a method. Routes that differ only in variable names are the same."""
    if not options.HasExtension(annotations_pb2.http):
        return
    rule = options.Extensions[annotations_pb2.http]
    edge = _extensions(options)[gateway_pb2.edge]
    for binding in (rule, *rule.additional_bindings):
        verb = binding.WhichOneof("pattern")
        path = _VARIABLE.sub("{}", str(getattr(binding, verb)))
        form = Form(binding.body, binding.response_body, edge.created, edge.accepted, edge.bare)
        yield f"{verb.upper()} {path}", form


def _callers_refused(
    before: Mapping[str, MethodOptions], now: Mapping[str, MethodOptions]
) -> Iterator[str]:
    """Methods that reject a kind of caller, or a service whose previous version still calls them."""
    for name, was, is_now in _rules(before, now):
        if is_now.audience not in {was.audience, access_pb2.AUDIENCE_PUBLIC}:
            audience = access_pb2.Audience.Name
            yield f"{name} was for {audience(was.audience)}, is for {audience(is_now.audience)}"
        elif is_now.audience == was.audience:
            for service in sorted({*was.services} - {*is_now.services}):
                yield f"{name} no longer allows {service}"
            if is_now.recent and not is_now.recent >= was.recent > 0:
                yield f"{name} needs a proof of the user within {is_now.recent} seconds now"
            elif was.password_field and is_now.password_field != was.password_field:
                yield f"{name} needs a recent proof beside {was.password_field} now"
            if is_now.assurance > was.assurance:
                assurance = access_pb2.Assurance.Name(is_now.assurance)
                yield f"{name} needs {assurance} now"


def _keys_refused(
    before: Mapping[str, MethodOptions], now: Mapping[str, MethodOptions]
) -> Iterator[str]:
    """Methods whose calls can no longer be repeated safely."""
    for name in sorted(before.keys() & now.keys()):
        was, is_now = (_extensions(options[name])[method_pb2.method] for options in (before, now))
        if was.idempotent and not is_now.idempotent:
            yield f"{name} no longer takes an idempotency key"


def _requests_refused(
    before: Mapping[str, Mapping[str, FieldDescriptorProto]],
    now: Mapping[str, Mapping[str, FieldDescriptorProto]],
) -> Iterator[str]:
    """Fields of requests that allow less than before, or that are required now.

    A contract from before fields had rules is not compared.
    """
    if not any(_field_rules(field).ByteSize() for of in before.values() for field in of.values()):
        return
    for request in sorted(before.keys() & now.keys()):
        for name, field in now[request].items():
            old = before[request].get(name)
            if _required(field) and not (old and _required(old)):
                yield f"{request}.{name} is required now"
            if old is not None:
                for why in _narrower(_field_rules(old), _field_rules(field)):
                    yield f"{request}.{name} {why}"


def _narrower(was: Any, is_now: Any) -> Iterator[str]:
    """In what way rules allow less than before."""
    if is_now.format != was.format and is_now.format not in _UNCHECKED:
        yield f"must be a {field_pb2.Format.Name(is_now.format)} now"
    if is_now.min_len > was.min_len:
        yield f"must have {is_now.min_len} characters now, not {was.min_len}"
    if is_now.max_len and (not was.max_len or is_now.max_len < was.max_len):
        yield f"may have {is_now.max_len} characters now, not {was.max_len or 'any number'}"
    values, allowed = set(getattr(was, "in")), set(getattr(is_now, "in"))
    if allowed and not (values and values <= allowed):
        yield f"must be one of {sorted(allowed)} now"
    if is_now.HasField("gte") and not (was.HasField("gte") and is_now.gte <= was.gte):
        yield f"must be {is_now.gte} or more now"
    if was.ignore_empty and not is_now.ignore_empty:
        yield "must not be empty now"


def _required(field: FieldDescriptorProto) -> bool:
    extensions: Any = field.options.Extensions
    return field_behavior_pb2.REQUIRED in extensions[field_behavior_pb2.field_behavior]


def _field_rules(field: FieldDescriptorProto) -> Any:
    extensions: Any = field.options.Extensions
    return extensions[field_pb2.rules]


def _reasons_changed(
    before: Mapping[str, MethodOptions], now: Mapping[str, MethodOptions]
) -> Iterator[str]:
    declares = any(_extensions(one)[method_pb2.method].reasons for one in before.values())
    for name in sorted(before.keys() & now.keys()):
        was, is_now = (
            set(_extensions(options[name])[method_pb2.method].reasons) for options in (before, now)
        )
        if was != is_now and declares:
            changes = [*(f"+{one}" for one in is_now - was), *(f"-{one}" for one in was - is_now)]
            yield f"notice: the reasons of {name} have changed: {' '.join(sorted(changes))}"


def _rules_changed(
    before: Mapping[str, MethodOptions], now: Mapping[str, MethodOptions]
) -> Iterator[str]:
    for name, was, is_now in _rules(before, now):
        if was != is_now:
            texts = (text_format.MessageToString(rule, as_one_line=True) for rule in (was, is_now))
            yield f"notice: who may call {name} has changed: {' -> '.join(texts)}"


def _rules(
    before: Mapping[str, MethodOptions], now: Mapping[str, MethodOptions]
) -> Iterator[tuple[str, access_pb2.Rule, access_pb2.Rule]]:
    """The access rules of each method that is in both contracts."""
    for name in sorted(before.keys() & now.keys()):
        was, is_now = (
            _extensions(options)[access_pb2.rule] for options in (before[name], now[name])
        )
        yield name, was, is_now


def _extensions(options: MethodOptions) -> Any:
    """Our own options, which the generated types do not know."""
    return options.Extensions


if __name__ == "__main__":
    sys.exit(main())

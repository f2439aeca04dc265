"""Generates from `protos/` the Python in `coditect/` and the descriptor set in `build/`.

`python -m tools.gen` writes both, `--descriptors` only the descriptor set (it needs no development
package), `--check` writes nothing and names every file that differs from the contract.
"""

import argparse
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Sequence
from pathlib import Path

import grpc_tools
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from grpc_tools import protoc

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
DESCRIPTORS = Path("build", "contract.binpb")
PACKAGE = "coditect"
README = """# Generated

`make gen` makes this folder from `protos/`; `make check` fails where the two differ.
Never edit a file in here: change the contract.
"""


class GenerationError(Exception):
    """A tool rejected the contract and has printed why."""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command line; returns 1 for a difference or a rejected contract."""
    parser = argparse.ArgumentParser(prog="python -m tools.gen", description=__doc__)
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--check", action="store_true", help="compare and lint, write nothing")
    mode.add_argument("--descriptors", action="store_true", help="only build/contract.binpb")
    parser.add_argument("--root", type=Path, default=ROOT, help="the checkout (default: this one)")
    options = parser.parse_args(argv)
    try:
        if options.check:
            return check(options.root)
        write_descriptors(options.root, options.root / DESCRIPTORS)
        if not options.descriptors:
            write_package(options.root)
    except GenerationError as error:
        print(f"tools.gen: {error}", file=sys.stderr)
        return 1
    return 0


def write_descriptors(root: Path, target: Path) -> None:
    """Writes the set of all messages, services and comments that the gateway is rendered from.

    It includes the types of error details, because the transcoder drops the whole body if it does not
    know the type of a detail.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        made = Path(folder, target.name)
        _protoc(
            root,
            f"--descriptor_set_out={made}",
            "--include_imports",
            "--include_source_info",
            *proto_files(root),
            "google/rpc/error_details.proto",
        )
        made.replace(target)  # atomically, because two `make run` may do this at the same time


def write_package(root: Path) -> None:
    """Updates `coditect/` to the contract: writes new and changed files, deletes old ones."""
    with tempfile.TemporaryDirectory() as folder:
        wanted, found = _files(generate(root, Path(folder))), _files(root / PACKAGE)
        for name in found.keys() - wanted.keys():
            (root / PACKAGE / name).unlink()
        for name, content in wanted.items():
            if found.get(name) != content:
                target = root / PACKAGE / name
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)


def generate(root: Path, folder: Path) -> Path:
    """Generates the content of `coditect/` below the folder, and returns its path.

    Only a file with a service gets a `_grpc` module; the plugin would write empty ones.
    """
    files = proto_files(root)
    _protoc(root, f"--python_out={folder}", f"--pyi_out={folder}", *files)
    _protoc(
        root,
        f"--plugin=protoc-gen-mypy_grpc={BIN / 'protoc-gen-mypy_grpc'}",
        f"--grpc_python_out={folder}",
        f"--mypy_grpc_out=quiet:{folder}",
        *_with_services(root, files),
    )
    (folder / PACKAGE / "README.md").write_text(README)
    return folder / PACKAGE


def check(root: Path) -> int:
    """Compares the tree with the contract and lints the contract. Writes nothing.

    Returns:
        0, or 1 after naming each difference or finding on stderr.
    """
    with tempfile.TemporaryDirectory() as folder:
        descriptors = Path(folder, DESCRIPTORS.name)
        write_descriptors(root, descriptors)
        differences = compare(wanted=generate(root, Path(folder)), found=root / PACKAGE)
        for difference in differences:
            print(f"{PACKAGE}/{difference}: run `make gen`", file=sys.stderr)
        lint = subprocess.run(
            [BIN / "buf", "lint", descriptors, "--config", root / "buf.yaml"], check=False
        )
    return 1 if differences or lint.returncode else 0


def compare(*, wanted: Path, found: Path) -> list[str]:
    """One line for each file that is missing, left over or different, sorted by name."""
    wanted_files, found_files = _files(wanted), _files(found)
    differences = []
    for name in sorted(wanted_files.keys() | found_files.keys()):
        if name not in found_files:
            differences.append(f"{name} is missing")
        elif name not in wanted_files:
            differences.append(f"{name} is not in the contract")
        elif wanted_files[name] != found_files[name]:
            differences.append(f"{name} is not what the contract says")
    return differences


def proto_files(root: Path) -> list[str]:
    """All contract files, by the names that imports use."""
    protos = root / "protos"
    return sorted(path.relative_to(protos).as_posix() for path in protos.rglob("*.proto"))


def _with_services(root: Path, files: Sequence[str]) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder, DESCRIPTORS.name)
        write_descriptors(root, target)
        known = FileDescriptorSet.FromString(target.read_bytes()).file
    serving = {file.name for file in known if file.service}
    return [name for name in files if name in serving]


def _protoc(root: Path, *arguments: str) -> None:
    """Runs protoc in this process. Raises `GenerationError` after protoc has printed why."""
    well_known = Path(next(iter(grpc_tools.__path__)), "_proto")
    google_types = sysconfig.get_path("purelib")  # where googleapis-common-protos puts them
    include = [f"-I{folder}" for folder in (root / "protos", well_known, google_types)]
    if protoc.main(["protoc", *include, *arguments]) != 0:
        raise GenerationError("protoc refused the contract")


def _files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


if __name__ == "__main__":
    sys.exit(main())

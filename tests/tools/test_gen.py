"""The generator: it reports every difference between the contract and the tree."""

import shutil
from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from tools import gen

AUTH = "auth/v5/logins_pb2.py"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with this contract and its generated code."""
    shutil.copytree(gen.ROOT / "protos", tmp_path / "protos")
    shutil.copy(gen.ROOT / "buf.yaml", tmp_path)
    assert gen.main(["--root", str(tmp_path)]) == 0
    return tmp_path


def _check(checkout: Path, capfd: pytest.CaptureFixture[str]) -> tuple[int, str]:
    code = gen.main(["--check", "--root", str(checkout)])
    captured = capfd.readouterr()
    return code, captured.err + captured.out


def test_differences_are_named(checkout: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """An edited, a missing and a left-over file are each reported."""
    package = checkout / "coditect"
    (package / AUTH).write_text("# edited\n")
    (package / "auth/v5/logins_pb2.pyi").unlink()
    (package / "old_pb2.py").touch()
    code, said = _check(checkout, capfd)
    assert code == 1
    assert said.splitlines() == [
        "coditect/auth/v5/logins_pb2.py is not what the contract says: run `make gen`",
        "coditect/auth/v5/logins_pb2.pyi is missing: run `make gen`",
        "coditect/old_pb2.py is not in the contract: run `make gen`",
    ]


def test_gen_corrects_the_tree(checkout: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """After `make gen` the check passes; correct files are not rewritten."""
    package = checkout / "coditect"
    (package / AUTH).unlink()
    (package / "old_pb2.py").touch()
    before = (package / "auth/v5/logins_pb2.pyi").stat().st_mtime_ns
    assert gen.main(["--root", str(checkout)]) == 0
    assert (package / "auth/v5/logins_pb2.pyi").stat().st_mtime_ns == before
    assert _check(checkout, capfd) == (0, "")


def test_only_a_file_with_a_service_gets_a_grpc_module(tmp_path: Path) -> None:
    """Records have none; the public contract has one."""
    made = gen.generate(gen.ROOT, tmp_path)
    assert (made / "auth/v5/logins_pb2_grpc.pyi").exists()
    assert not list(made.glob("*/records/v1/*_grpc.py*"))


def test_lint_findings_fail_the_check(checkout: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A message without a comment is a finding, even if its code is up to date."""
    proto = checkout / "protos/coditect/storage/v1/storage.proto"
    proto.write_text(proto.read_text() + "\nmessage Bare {}\n")
    assert gen.main(["--root", str(checkout)]) == 0
    code, said = _check(checkout, capfd)
    assert code == 1
    assert "Bare" in said


def test_a_contract_that_does_not_parse(checkout: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The error names the place, the generator fails, and the tree is unchanged."""
    (checkout / "protos/coditect/storage/v1/storage.proto").write_text("nonsense")
    before = (checkout / "coditect" / AUTH).read_bytes()
    code, said = _check(checkout, capfd)
    assert code == 1
    assert "storage.proto:1:1" in said
    assert gen.main(["--root", str(checkout)]) == 1
    assert (checkout / "coditect" / AUTH).read_bytes() == before


def test_descriptor_set_is_complete(tmp_path: Path) -> None:
    """It contains every contract file with comments, and the types of error details."""
    gen.write_descriptors(gen.ROOT, tmp_path / "contract.binpb")
    files = FileDescriptorSet.FromString((tmp_path / "contract.binpb").read_bytes()).file
    names = [file.name for file in files]
    assert {*gen.proto_files(gen.ROOT), "google/rpc/error_details.proto"} <= set(names)
    assert all(file.source_code_info.location for file in files)
    assert [path.name for path in tmp_path.iterdir()] == ["contract.binpb"]

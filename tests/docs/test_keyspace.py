"""docs/keyspace.md matches the declarations of the contexts."""

from pathlib import Path

from kernel.storage import KEY_BYTES, VALUE_BYTES
from ops.doctor.catalogue import Catalogue
from tools.docs import keyspace

ROOT = Path(__file__).parents[2]


def test_document_is_up_to_date() -> None:
    """It matches the declarations; `make keyspace` writes it."""
    document = ROOT / keyspace.DOCUMENT
    assert keyspace.main(["--check", "--output", str(document)]) == 0
    assert document.read_text(encoding="utf-8") == keyspace.render()


def test_drift_is_rejected(tmp_path: Path) -> None:
    """The check fails on an old or missing document, and passes after writing."""
    document = tmp_path / "keyspace.md"
    assert keyspace.main(["--check", "--output", str(document)]) == 1
    assert keyspace.main(["--output", str(document)]) == 0
    assert keyspace.main(["--check", "--output", str(document)]) == 0
    document.write_text("old")
    assert keyspace.main(["--check", "--output", str(document)]) == 1


def test_every_family_fits_every_backend() -> None:
    """No family allows a key or value larger than the port's limit, and names are unique."""
    families = Catalogue().families
    assert [one for one in families if one.key_bytes > KEY_BYTES] == []
    assert [one for one in families if one.value.max_bytes > VALUE_BYTES] == []
    assert len({one.name for one in families}) == len(families)

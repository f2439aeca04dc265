"""The folder of the site is whole, compressed, and replaced at once."""

import gzip
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.tools.site.document import document
from tools import node
from tools.site import built, reference
from tools.site.folder import assemble

SCRIPT = "export const text = 'Grüße';\n" * 300


@pytest.fixture
def openapi(tmp_path: Path) -> Path:
    """The document."""
    file = tmp_path / "openapi.yaml"
    file.write_text(document())
    return file


@pytest.fixture
def console(tmp_path: Path) -> Path:
    """A console as Vite builds it."""
    dist = tmp_path / "dist"
    (dist / "assets").mkdir(parents=True)
    (dist / "index.html").write_text("<!doctype html><title>Console</title>")
    (dist / "favicon.svg").write_text("<svg/>")
    (dist / "assets/index-4f2a.js").write_text(SCRIPT, encoding="utf-8")
    (dist / "assets/font-4f2a.woff2").write_bytes(bytes(5000))
    return dist


def test_the_site_has_console_and_documentation(
    tmp_path: Path, console: Path, openapi: Path
) -> None:
    """The files of the console are there as they are, and beside them reference and document."""
    site = tmp_path / "build/site"
    assemble(site, console, openapi)
    assert built.has_console(site)
    for file in console.rglob("*.*"):
        assert (site / file.relative_to(console)).read_bytes() == file.read_bytes()
    assert (site / "openapi.yaml").read_bytes() == openapi.read_bytes()
    assert (site / "docs/index.html").read_text(encoding="utf-8") == reference.page(openapi)
    for file in reference.FILES:
        assert (site / "docs" / file.name).read_bytes() == file.read_bytes()


def test_texts_are_compressed_where_it_helps(tmp_path: Path, console: Path, openapi: Path) -> None:
    """A text has its compressed forms, unless they are hardly smaller; other files have none."""
    assemble(tmp_path / "site", console, openapi)
    script = tmp_path / "site/assets/index-4f2a.js"
    assert (
        gzip.decompress(script.with_name(f"{script.name}.gz").read_bytes()) == script.read_bytes()
    )
    assert not (tmp_path / "site/favicon.svg.gz").exists()
    assert not (tmp_path / "site/assets/font-4f2a.woff2.gz").exists()
    if place := node.folder():
        program = (
            "process.stdout.write(zlib.brotliDecompressSync(fs.readFileSync(process.argv[1])))"
        )
        read = subprocess.run(
            [place / "node", "-e", program, f"{script}.br"], check=True, capture_output=True
        )
        assert read.stdout == script.read_bytes()


def test_the_same_again_is_the_same(tmp_path: Path, console: Path, openapi: Path) -> None:
    """Two sites of the same files are equal byte by byte, so caches stay good."""
    for name in ("one", "two"):
        assemble(tmp_path / name, console, openapi)
    files = sorted(p.relative_to(tmp_path / "one") for p in (tmp_path / "one").rglob("*.*"))
    assert len(files) > 8
    for file in files:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_an_old_site_leaves_nothing_behind(tmp_path: Path, console: Path, openapi: Path) -> None:
    """Files of an older console are gone, and so is the draft of a run that was interrupted."""
    assemble(tmp_path / "site", console, openapi)
    (tmp_path / "site.new").mkdir()
    (tmp_path / "site.new/left.txt").write_text("x")
    shutil.move(console / "assets/index-4f2a.js", console / "assets/index-9c1b.js")
    assemble(tmp_path / "site", console, openapi)
    names = {file.name for file in (tmp_path / "site").rglob("*")}
    assert "index-9c1b.js" in names
    assert not {"index-4f2a.js", "left.txt"} & names
    assert not (tmp_path / "site.new").exists()


def test_without_a_console_the_page_says_so(tmp_path: Path, openapi: Path) -> None:
    """A site without console has a page that names the command, and the documentation."""
    assemble(tmp_path / "site", None, openapi)
    assert not built.has_console(tmp_path / "site")
    assert "make console" in (tmp_path / "site/index.html").read_text(encoding="utf-8")
    assert (tmp_path / "site/docs/index.html").exists()


def test_the_site_is_served_if_it_is_there(tmp_path: Path, openapi: Path) -> None:
    """`make run` serves the site, unless there is none, or the environment names another or none."""
    assert built.environ({"A": "b"}, tmp_path / "site") == {"A": "b"}
    assemble(tmp_path / "site", None, openapi)
    served = {"SITE": str(tmp_path / "site")}
    assert built.environ({"A": "b"}, tmp_path / "site") == {"A": "b"} | served
    for other in ("", "/elsewhere"):
        assert built.environ({"SITE": other}, tmp_path / "site") == {"SITE": other}

"""The folder of the site: what the gateway, or the web server of a cluster, serves.

It has `index.html` and `assets/` of the console, `docs/`, `openapi.yaml`, and beside each text its
compressed forms.
"""

import gzip
import shutil
import subprocess
from pathlib import Path

from tools import node
from tools.site import reference

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = Path("docs/openapi.yaml")
_BROTLI = Path(__file__).with_name("brotli.mjs")
_TEXTS = {".css", ".html", ".js", ".json", ".svg", ".txt", ".webmanifest", ".yaml"}
_WORTH = 0.9


def assemble(site: Path, console: Path | None, document: Path = ROOT / DOCUMENT) -> None:
    """Writes the site; one that was there is replaced as a whole.

    Args:
        site: Its folder.
        console: The folder with the built console; None for a site that says how to build it.
        document: The OpenAPI document.
    """
    draft = site.with_name(f"{site.name}.new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.parent.mkdir(parents=True, exist_ok=True)
    if console:
        shutil.copytree(console, draft)
    else:
        draft.mkdir()
        (draft / "index.html").write_text(reference.index_page(), encoding="utf-8")
    docs = draft / "docs"
    docs.mkdir()
    (docs / "index.html").write_text(reference.page(document), encoding="utf-8")
    for file in reference.FILES:
        shutil.copy(file, docs)
    shutil.copy(document, draft / "openapi.yaml")
    _compress(draft)
    shutil.rmtree(site, ignore_errors=True)
    draft.rename(site)


def _compress(folder: Path) -> None:
    """Writes the compressed forms of the texts that become clearly smaller, Brotli where Node.js is."""
    texts = [file for file in sorted(folder.rglob("*")) if file.suffix in _TEXTS]
    for text in texts:
        content = text.read_bytes()
        compressed = gzip.compress(content, mtime=0)
        if len(compressed) < _WORTH * len(content):
            text.with_name(f"{text.name}.gz").write_bytes(compressed)
    if place := node.folder():
        done = subprocess.run([place / "node", _BROTLI, *texts], check=False, capture_output=True)
        if done.returncode:
            raise OSError(f"Brotli failed: {done.stderr.decode(errors='replace')[-300:]}")

"""A site as `python -m tools.site` makes it, without the console."""

import gzip
from pathlib import Path

INDEX = "<!doctype html><title>Console</title>\n"
DOCS = "<!doctype html><title>Reference</title>\n"
SCRIPT = "console.log('Grüße');\n" * 400
SCRIPT_PATH = "/assets/index-4f2a.js"


def build(folder: Path) -> Path:
    """Writes a site into a folder that does not exist, and returns the folder."""
    (folder / "assets").mkdir(parents=True)
    (folder / "docs").mkdir()
    (folder / "index.html").write_text(INDEX)
    (folder / "docs/index.html").write_text(DOCS)
    (folder / "docs/docs.css").write_text("p { margin: 0 }\n")
    (folder / "openapi.yaml").write_text("openapi: 3.1.0\n")
    (folder / "favicon.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (folder / "logo.bin").write_bytes(bytes(range(256)) * 40)
    script = folder / SCRIPT_PATH.lstrip("/")
    script.write_text(SCRIPT, encoding="utf-8")
    script.with_name(f"{script.name}.gz").write_bytes(gzip.compress(SCRIPT.encode()))
    script.with_name(f"{script.name}.br").write_bytes(b"stands for brotli")
    return folder

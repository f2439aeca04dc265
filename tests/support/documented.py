"""The programs in a document, as a reader would copy them."""

import re
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
_BLOCK = re.compile(r"^### (.+?)\n.*?^```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def programs(name: str) -> dict[str, str]:
    """The first program below each heading of the third level of a document, by the heading."""
    return dict(_BLOCK.findall((DOCS / name).read_text(encoding="utf-8")))

"""Replaces a table that is written from declarations in a document that is otherwise written by hand."""

import re
from collections.abc import Iterable

_TABLE = re.compile(r"(\|.*\n)*")


def replace_table(document: str, heading: str, rows: Iterable[str]) -> str:
    """Returns the document with these rows as the table below a heading.

    Args:
        document: The text, in Markdown.
        heading: The whole line of the heading, `## From auth`.
        rows: The lines of the table, the head included, without line ends.

    Raises:
        ValueError: The heading is missing.
    """
    line = f"{heading}\n\n"
    begin = document.find(f"\n{line}")
    if begin < 0:
        raise ValueError(f"the document needs a heading {heading.lstrip('# ')!r}")
    begin += len(f"\n{line}")
    old = _TABLE.match(document, begin)
    assert old is not None, "the text after a heading may be empty"
    table = "".join(f"{row}\n" for row in rows)
    return document[:begin] + table + document[old.end() :]

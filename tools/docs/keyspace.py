"""`python -m tools.docs.keyspace`: writes docs/keyspace.md from what the contexts declare.

With `--check` it writes nothing, and fails if the document is out of date.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import UnionType

from kernel.storage import Subspace
from kernel.storage.families import AnyFamily, Part
from ops.doctor.catalogue import CONTEXTS, Catalogue, Context
from ops.doctor.rows import FORM

DOCUMENT = Path("docs/keyspace.md")

_HEAD = """\
# The key space

<!-- Made by `make keyspace` from the families and invariants of services/: change those. -->

The content of a store, on every backend.
A key is a tuple in [FoundationDB's encoding](https://github.com/apple/foundationdb/blob/main/design/tuple.md), so the order of the keys is that of their elements.
Words in quotes are constant in a family, the others vary: `UUID` an id, `int` milliseconds since 1970, `str` text, `bytes` a digest, `Versionstamp` a position in the order of commits.
A value is a protobuf record from [`protos/`](../protos) whose unknown fields survive a write, or what the table says.
Sizes are the largest possible ones, in bytes: of a whole key, and of a value. A key may have up to 500, a value up to 100,000.
Rows of an index are written and removed in the transaction of the rows that they belong to.
"""

_DOCTOR = """
## Invariants

`python -m ops.doctor STORE_URL` checks them, also on a store in use: see [operations](operations.md).
It reports a row that
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.docs.keyspace", description=__doc__)
    parser.add_argument("--output", type=Path, default=DOCUMENT)
    parser.add_argument("--check", action="store_true", help="fail unless it is up to date")
    options = parser.parse_args(arguments)
    text, output = render(), options.output
    if not options.check:
        output.write_text(text, encoding="utf-8")
    elif not output.exists() or output.read_text(encoding="utf-8") != text:
        sys.stderr.write(f"keyspace: {output} is out of date: make keyspace\n")
        return 1
    return 0


def render() -> str:
    """Returns the document."""
    return "".join(line + "\n" for line in _lines())


def _lines() -> Iterator[str]:
    yield _HEAD.rstrip("\n")
    for context in CONTEXTS:
        yield from _table(context)
    yield _DOCTOR
    yield "- belongs to no declared family"
    for text in FORM:
        yield f"- {text}"
    yield ""
    yield "and, family by family, one that"
    yield ""
    catalogue = Catalogue()
    for family in catalogue.families:
        texts = [one.text for one in catalogue.of(family)]
        if texts:
            yield f"- `{family.name}`: {'; '.join(texts)}"


def _table(context: Context) -> Iterator[str]:
    yield ""
    yield f"## {context.name}"
    yield ""
    yield "| key | value | lives | indexes | key size | value size |"
    yield "|---|---|---|---|---:|---:|"
    for family in context.families:
        indexes = [f"`{one.name}`" for one in context.families if one.of is family]
        kind = f"`{family.value.holds}`" if family.value.is_record else family.value.holds
        of = f"index of `{family.of.name}`" if family.of else ", ".join(indexes)
        sizes = f"{family.key_bytes} | {family.value.max_bytes:,}"
        yield f"| `{_key(family)}` | {kind} | {family.life} | {of} | {sizes} |"


def _key(family: AnyFamily) -> str:
    """A key in the form of a tuple, as declared."""
    fixed = [f'"{element}"' for element in Subspace().unpack(family.space.prefix)]
    return f"({', '.join([*fixed, *map(_part, family.shape)])})"


def _part(part: Part | str) -> str:
    if isinstance(part, str):
        return f'"{part}"'
    kind = str(part.kind) if isinstance(part.kind, UnionType) else part.kind.__name__
    return f"{part.name}: {kind}".replace("|", "or")


if __name__ == "__main__":
    sys.exit(main())

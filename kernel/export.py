"""Data exports for users, as NDJSON: one JSON object a line."""

import json
from collections.abc import Iterable
from typing import Any

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

CONTENT_TYPE = "application/x-ndjson"


def line(kind: str, message: Message, **more: Any) -> str:
    """One line: a JSON object with the kind and the message's fields, spelled as by the gateway.

    `kind` is that of the line: a field of that name in a message, such as a factor, becomes `factorKind`.

    Args:
        kind: The kind of the record, in lowerCamel.
        message: The record.
        more: Additional fields.
    """
    fields = MessageToDict(message, always_print_fields_with_no_presence=True)
    if "kind" in fields:
        fields[f"{kind}Kind"] = fields.pop("kind")
    # In ASCII: some readers take U+2028 for the end of a line.
    return json.dumps({"kind": kind, **more, **fields}, separators=(",", ":"))


def text(lines: Iterable[str]) -> bytes:
    """The lines as bytes, each ended by a newline."""
    return "".join(f"{line}\n" for line in lines).encode()

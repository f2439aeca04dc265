"""What is kept of somebody or something, as text that people take with them: NDJSON."""

import json
from collections.abc import Iterable
from typing import Any

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

CONTENT_TYPE = "application/x-ndjson"


def line(kind: str, message: Message, **more: Any) -> str:
    """One line: a JSON object with the kind and the fields of the message, as the gateway's JSON.

    Args:
        kind: What it is, in lowerCamel.
        message: Itself.
        more: Fields beside those of the message.
    """
    fields = MessageToDict(message, always_print_fields_with_no_presence=True)
    # In ASCII: some readers take U+2028 for the end of a line.
    return json.dumps({"kind": kind, **more, **fields}, separators=(",", ":"))


def text(lines: Iterable[str]) -> bytes:
    """The lines as they are sent."""
    return "".join(f"{line}\n" for line in lines).encode()

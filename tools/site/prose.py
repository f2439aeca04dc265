"""The descriptions of the OpenAPI document as HTML: paragraphs, lists, and code between backticks."""

import re

from markupsafe import Markup, escape

_CODE = re.compile(r"`([^`]+)`")
_ITEM = "- "


def html(text: str) -> Markup:
    """Returns the HTML of a description."""
    return Markup("\n").join(_block(block) for block in re.split(r"\n\s*\n", text.strip()) if block)


def line(text: str) -> Markup:
    """Returns the HTML of a text that is a part of a paragraph."""
    parts = enumerate(_CODE.split(" ".join(text.split())))
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if number % 2 else escape(part)
        for number, part in parts
    )


def _block(block: str) -> Markup:
    if not block.startswith(_ITEM):
        return Markup("<p>{}</p>").format(line(block))
    items = (line(item) for item in re.split(rf"(?:^|\n){_ITEM}", block) if item)
    return Markup("<ul>{}</ul>").format(Markup("").join(map(Markup("<li>{}</li>").format, items)))

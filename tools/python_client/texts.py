"""Names and texts of the generated code."""

import re
import textwrap

WIDTH = 96
HEADER = '"""{title}\n\nGenerated from docs/openapi.yaml by `make python-client`; not edited by hand.\n"""\n\n'


def snake(name: str) -> str:
    """`listServiceAccounts` and `OAuthClients` as Python spells them."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.replace("OAuth", "Oauth"))
    return words.replace("-", "_").lower()


def docstring(text: str, indent: int, *more: str) -> str:
    """A docstring: the first sentence, then the rest, then further paragraphs as they are."""
    text = " ".join(text.split()).replace("\\", "\\\\")
    first, _, rest = text.partition(". ")
    summary = first.rstrip(".") + "."
    paragraphs = [summary, *_wrapped(rest, indent), *more]
    margin = " " * indent
    body = textwrap.indent("\n\n".join(paragraphs), margin).strip()
    end = f"\n{margin}" if len(paragraphs) > 1 else ""
    return f'{margin}"""{body}{end}"""\n'


def _wrapped(text: str, indent: int) -> list[str]:
    return ["\n".join(textwrap.wrap(text, WIDTH - indent))] if text else []

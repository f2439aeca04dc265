"""The reference of the API: one page of HTML without script, from the OpenAPI document."""

from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    undefined=StrictUndefined,
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)
STYLE = Path(__file__).with_name("templates") / "docs.css"
"""The style sheet of both pages, served at /docs/docs.css."""


def page(document: Path) -> str:
    """Returns the page of an OpenAPI document."""
    loaded = yaml.load(document.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return _render("reference.html.jinja", document=loaded)


def index_page() -> str:
    """Returns the page that is served in place of the console, where it is not built."""
    return _render("index.html.jinja")


def _render(template: str, **values: Any) -> str:
    return _TEMPLATES.get_template(template).render(**values)

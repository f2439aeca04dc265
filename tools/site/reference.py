"""The reference of the API: one page of HTML without script, from the OpenAPI document."""

from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tools.site import operations, prose, schemas

_FOLDER = Path(__file__).with_name("templates")
FILES = (_FOLDER / "docs.css", _FOLDER / "icon.svg")
"""The files of both pages, served below /docs/."""
_TEMPLATES = Environment(
    loader=FileSystemLoader(_FOLDER),
    undefined=StrictUndefined,
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters["html"] = prose.html
_TEMPLATES.globals["anchor"] = schemas.anchor


def page(document: Path) -> str:
    """Returns the page of an OpenAPI document."""
    loaded = yaml.load(document.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return _render(
        "reference.html.jinja",
        document=loaded,
        tags={tag["name"]: tag.get("description", "") for tag in loaded["tags"]},
        operations=operations.by_tag(loaded),
        common=operations.common_errors(loaded),
        schemas={
            name: (schema.get("description", ""), schemas.kind(schema), schemas.fields(schema))
            for name, schema in loaded["components"]["schemas"].items()
        },
    )


def index_page() -> str:
    """Returns the page that is served in place of the console, where it is not built."""
    return _render("index.html.jinja")


def _render(template: str, **values: Any) -> str:
    return _TEMPLATES.get_template(template).render(**values)

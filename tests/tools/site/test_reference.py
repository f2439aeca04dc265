"""The reference of the API: complete, linked, and without anything that a strict policy forbids."""

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.tools.site.document import document
from tools.site import operations, prose, reference, schemas
from tools.site.folder import DOCUMENT as DOCUMENT_PATH
from tools.site.folder import ROOT

DOCUMENT = ROOT / DOCUMENT_PATH
LOADED: dict[str, Any] = yaml.load(DOCUMENT.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
VOID = {"meta", "link", "br"}


class Page(HTMLParser):
    """A page, read strictly: elements are closed in order.

    Args:
        html: Its text.
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self._open: list[str] = []
        self.feed(html)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes an element."""
        given = dict(attrs)
        self.names.add(tag)
        self.attributes |= given.keys()
        self.ids += [given["id"] or ""] if "id" in given else []
        self.links += [given["href"] or ""] if "href" in given else []
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Closes an element."""
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Notes a text."""
        self.text += data


@pytest.fixture(scope="module")
def page() -> Page:
    """The reference of our own API."""
    return Page(reference.page(DOCUMENT))


def test_every_operation_is_there_once(page: Page) -> None:
    """Each operation of the document has one section, with its address."""
    described = [
        (one["operationId"], path)
        for path, item in LOADED["paths"].items()
        for verb, one in item.items()
        if verb in operations.VERBS
    ]
    assert len(described) > 100
    for name, path in described:
        assert page.ids.count(name) == 1
        assert path in page.text


def test_every_schema_is_there_once(page: Page) -> None:
    """Each schema has one section, and each of its fields is named."""
    for name, schema in LOADED["components"]["schemas"].items():
        assert page.ids.count(schemas.anchor(name)) == 1
        for field in schema.get("properties", {}):
            assert field in page.text


def test_every_error_is_there(page: Page) -> None:
    """Each code that the document has is in the page."""
    codes = set(re.findall(r"`([A-Z][A-Z_]+)`:", DOCUMENT.read_text(encoding="utf-8")))
    assert len(codes) > 80
    assert {code for code in codes if code not in page.text} == set()


def test_links_lead_somewhere(page: Page) -> None:
    """A link is to a section of the page, or to a file of the site; no id is there twice."""
    assert len(page.ids) == len(set(page.ids))
    others = {link for link in page.links if not link.startswith("#")}
    assert others == {"/", "/openapi.yaml", "/docs/docs.css", "/docs/icon.svg"}
    assert {link[1:] for link in page.links if link.startswith("#")} <= set(page.ids)


@pytest.mark.parametrize("html", [reference.page(DOCUMENT), reference.index_page()])
def test_nothing_is_inline(html: str) -> None:
    """Neither page has script, a style of its own, or anything from another host."""
    read = Page(html)
    assert not {"script", "style", "img", "iframe", "form"} & read.names
    assert not {name for name in read.attributes if name == "style" or name.startswith("on")}
    style = reference.FILES[0].read_text(encoding="utf-8")
    assert not re.search(r"@import|url\(", style)


def test_what_most_calls_give_is_said_once() -> None:
    """An error of most operations is in a section of its own, and one of few is with them."""
    common = {answer.status for answer in operations.common_errors(LOADED)}
    assert {"401", "408", "500", "504"} <= common
    listed = [one for group in operations.by_tag(LOADED).values() for one in group]
    (update,) = (one for one in listed if one.name == "updateSession")
    (stale,) = (answer for answer in update.errors if answer.status == "409")
    assert "REVISION_STALE" in stale.text
    assert {answer.status for answer in update.successes} == {"200"}
    assert not {answer.status for answer in update.errors} & {"408", "500"}


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("One  line\nwraps.", "<p>One line wraps.</p>"),
        ("One.\n\nTwo `a<b`.", "<p>One.</p>\n<p>Two <code>a&lt;b</code>.</p>"),
        ("- `A`: first\n- second", "<ul><li><code>A</code>: first</li><li>second</li></ul>"),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
        ("A ` alone", "<p>A ` alone</p>"),
        ("", ""),
    ],
)
def test_descriptions_become_html(text: str, html: str) -> None:
    """Paragraphs, lists and code are marked up, and everything else is text."""
    assert prose.html(text) == html


@pytest.mark.parametrize(
    ("schema", "kind", "limits"),
    [
        ({"type": "string"}, "text", []),
        ({"type": ["string", "null"], "maxLength": 200}, "text or null", ["at most 200 characters"]),
        ({"type": "string", "format": "uuid", "pattern": "x"}, "UUID", []),
        ({"type": "integer", "minimum": 1}, "whole number", ["at least 1"]),
        ({"type": "array", "items": {"type": "boolean"}}, "list of true or false", []),
        ({"type": "string", "enum": ["a", "b"]}, "text",
         ["one of <code>a</code>, <code>b</code>"]),
        ({"const": False}, "<code>false</code>", []),
        ({"const": ""}, "<code>&#34;&#34;</code>", []),
        ({"anyOf": [{"type": "string", "format": "uuid"}, {"const": ""}]},
         "UUID or <code>&#34;&#34;</code>", []),
        ({"$ref": "#/components/schemas/a.B"}, '<a href="#schema-a.B">a.B</a>', []),
        ({"type": "object", "additionalProperties": {"type": "string"}},
         "object with values: text", []),
    ],
)  # fmt: skip
def test_schemas_in_words(schema: dict[str, Any], kind: str, limits: list[str]) -> None:
    """A field says in words what it is, and what it may be."""
    row = schemas.row("field", schema, required=False)
    assert (row.kind, list(row.limits)) == (kind, limits)


def test_a_document_with_markup_does_no_harm(tmp_path: Path) -> None:
    """A text of the document is never markup of the page."""
    evil = "<img src=x onerror=alert(1)>"
    file = tmp_path / "openapi.yaml"
    file.write_text(document(evil))
    page = Page(reference.page(file))
    assert page.text.count(evil) >= 5
    assert "img" not in page.names

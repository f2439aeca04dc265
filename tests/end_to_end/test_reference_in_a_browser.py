"""The reference of the API in Chromium, through the gateway: readable everywhere, accessible, self-contained."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import ConsoleMessage, Page, Request

from tests.end_to_end.browser import Browser
from tests.gateway.environment import open_environment
from tools.site.folder import ROOT, assemble

AXE = ROOT / "console/node_modules/axe-core/axe.min.js"
# One of each kind: axe-core would take minutes for all operations.
PARTS = ["nav", "#introduction", "#access", "#common-errors", "#tag-Sessions", "#schema-Error"]
RUN_AXE = (
    "parts => axe.run({ include: parts.map(part => [part]) }, { resultTypes: ['violations'] })"
)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a gateway that serves the documentation."""
    site = tmp_path_factory.mktemp("site") / "site"
    assemble(site, None)
    with open_environment(tmp_path_factory.mktemp("edge"), site=site) as made:
        yield made.url


class Visit:
    """A page, what it asked for, and what the browser complained about."""

    def __init__(self, browser: Browser, width: int, scheme: str) -> None:
        self._browser = browser
        size = {"width": width, "height": 800}
        self.page = browser.page(viewport=size, color_scheme=scheme, java_script_enabled=False)
        self.asked: list[str] = []
        self.complaints: list[str] = []
        browser.do(self._listen)

    def _listen(self) -> None:
        def asked(request: Request) -> None:
            self.asked.append(request.url)

        def complained(message: ConsoleMessage) -> None:
            self.complaints.append(message.text)

        self.page.on("request", asked)
        self.page.on("console", complained)

    def close(self) -> None:
        """Closes it."""
        self._browser.do(self.page.context.close)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_it_is_readable_without_script(
    chromium: Browser, url: str, width: int, scheme: str
) -> None:
    """The page fits the screen and shows an operation, with one style sheet and nothing else."""
    visit = Visit(chromium, width, scheme)

    def read(page: Page) -> tuple[str, str, float]:
        page.goto(f"{url}/docs#updateSession")
        heading = page.locator("#updateSession h3")
        assert heading.is_visible()
        color = page.evaluate("getComputedStyle(document.body).backgroundColor")
        over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        return heading.inner_text(), color, over

    title, color, over = chromium.do(lambda: read(visit.page))
    visit.close()
    assert title.startswith("Update a session")
    assert color == {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 24, 29)"}[scheme]
    assert over <= 0
    asked = {address.removeprefix(url) for address in visit.asked}
    # Some browsers without a window ask for no icon.
    assert asked - {"/docs/icon.svg"} == {"/docs", "/docs/docs.css"}
    assert visit.complaints == []


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed: make console")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/docs", "/"])
def test_axe_core_finds_nothing(chromium: Browser, url: str, path: str, scheme: str) -> None:
    """No rule of axe-core is broken, in light and dark, on a small screen."""
    size = {"width": 360, "height": 800}
    page = chromium.page(viewport=size, color_scheme=scheme, bypass_csp=True)

    def check() -> list[str]:
        page.goto(url + path)
        page.evaluate(Path(AXE).read_text(encoding="utf-8"))
        found = page.evaluate(RUN_AXE, PARTS if path == "/docs" else ["html"])
        return [f"{one['id']}: {one['nodes'][0]['html']}" for one in found["violations"]]

    violations = chromium.do(check)
    chromium.do(page.context.close)
    assert violations == []

"""The pages of the authorization server in Chromium: without script, with the keyboard alone, at 360 px."""

from collections.abc import Iterator
from urllib.parse import urlencode

import httpx
import pytest
from playwright.sync_api import Error

from tests.end_to_end.browser import Browser
from tests.end_to_end.person import PASSWORD, Person
from tests.end_to_end.reader import Program, Reader, program
from tools.laptop import Laptop

CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
PLAIN = True, True, []
SCRIPT = "<script>document.title = 'run'</script>"


@pytest.fixture
def reader(chromium: Browser) -> Iterator[Reader]:
    """A tab without script."""
    opened = Reader(chromium)
    yield opened
    opened.close()


@pytest.fixture
def waiting() -> Iterator[Program]:
    """A program that waits for an answer."""
    with program() as running:
        yield running


def origin_of(laptop: Laptop) -> str:
    """The origin that the tokens name."""
    return f"http://localhost:{laptop.settings.port}"


def request_of(laptop: Laptop, waiting: Program, **changed: str) -> str:
    """The address of the page for a request of a program."""
    query = {
        "client_id": "coditect-cli",
        "response_type": "code",
        "redirect_uri": waiting.redirect_uri,
        "scope": "openid sessions:read",
        "state": "af0ifjsldkj",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        **changed,
    }
    return f"{origin_of(laptop)}/oauth/authorize?{urlencode(query)}"


def log_in(reader: Reader, person: Person, password: str = PASSWORD) -> None:
    """Types address and password; the focus is on the first of them that is empty."""
    if reader.focus()[1] == "email":
        reader.type(person.email)
        reader.press("Tab")
    reader.type(password)
    reader.send()


def plain(reader: Reader) -> tuple[bool, bool, list[str]]:
    """Whether a page fits the screen and has its labels, and what the browser complained about."""
    return reader.fits(), reader.is_labelled(), reader.errors


def test_a_program_is_allowed(
    laptop: Laptop, person: Person, reader: Reader, waiting: Program
) -> None:
    """With the keyboard alone; no host is asked but ours and, at the end, the program."""
    reader.open(request_of(laptop, waiting))
    assert reader.title == "Log in - Coditect"
    assert plain(reader) == PLAIN
    log_in(reader, person, "a wrong password, surely")
    assert reader.title == "Error: Log in - Coditect"
    assert plain(reader) == PLAIN
    log_in(reader, person)
    assert reader.title == "Allow access? - Coditect"
    assert person.email in reader.text
    assert plain(reader) == PLAIN
    assert reader.hosts == {f"localhost:{laptop.settings.port}"}
    reader.tab_to("approve")
    reader.send()
    assert reader.url.startswith(waiting.redirect_uri)
    (answer,) = waiting.answers
    assert (answer["state"], answer["iss"]) == ("af0ifjsldkj", origin_of(laptop))
    assert answer["code"]
    assert reader.errors == []


def test_a_program_is_denied(
    laptop: Laptop, person: Person, reader: Reader, waiting: Program
) -> None:
    """The next time the user is logged in, and only answers."""
    reader.open(request_of(laptop, waiting))
    log_in(reader, person)
    reader.open(request_of(laptop, waiting))
    reader.tab_to("deny")
    reader.send()
    assert waiting.answers[-1]["error"] == "access_denied"


def test_a_device_is_let_in(laptop: Laptop, person: Person, reader: Reader) -> None:
    """A person types the code that the device shows, and sees what it is."""
    origin = origin_of(laptop)
    form = {"client_id": "coditect-cli", "scope": "sessions:read"}
    started = httpx.post(f"{origin}/oauth/device_authorization", data=form, trust_env=False).json()
    reader.open(started["verification_uri"])
    log_in(reader, person)
    assert reader.title == "Let a device in - Coditect"
    assert plain(reader) == PLAIN
    reader.type("zzzzzzzz")
    reader.send()
    assert reader.title == "Error: Let a device in - Coditect"
    reader.press("ControlOrMeta+a")
    reader.type(started["user_code"].lower())
    reader.send()
    assert reader.title == "Let this device in? - Coditect"
    for text in (started["user_code"], "Coditect CLI", "See your workspace sessions."):
        assert text in reader.text
    assert plain(reader) == PLAIN
    reader.tab_to("approve")
    reader.send()
    assert reader.title == "The device is let in - Coditect"
    assert reader.hosts == {f"localhost:{laptop.settings.port}"}


def test_a_logout_everywhere_ends_the_login_of_the_page(
    laptop: Laptop, person: Person, reader: Reader, waiting: Program
) -> None:
    """It is listed among the devices of the user until then."""
    reader.open(request_of(laptop, waiting))
    log_in(reader, person)
    logins = person.call("GET", "/auth/logins").json()["data"]["logins"]
    assert any("Chrome" in login["userAgent"] for login in logins)
    assert person.call("POST", "/auth/logout-all", {}).status_code == 200
    reader.tab_to("approve")
    reader.send()
    assert reader.title == "Error: Log in - Coditect"
    assert waiting.answers == []


def test_no_script_runs(laptop: Laptop, chromium: Browser, waiting: Program) -> None:
    """Also where a browser would run some: not what a program sends, and not what is added later."""
    reader = Reader(chromium, java_script_enabled=True)
    try:
        url = request_of(laptop, waiting, login_hint=SCRIPT, state=SCRIPT, nonce=SCRIPT)
        reader.open(url)
        assert reader.title == "Log in - Coditect"
        add = f"document.body.insertAdjacentHTML('beforeend', {SCRIPT!r})"
        reader.look(f"() => {{ {add} }}")
        with pytest.raises(Error, match="Content Security Policy"):
            reader.add_script("document.title = 'run'")
        assert reader.title == "Log in - Coditect"
    finally:
        reader.close()


def test_the_pages_are_in_no_frame(
    laptop: Laptop, chromium: Browser, pages: object, waiting: Program
) -> None:
    """A page of another origin cannot show them, to have a click on something else count."""
    tab = chromium.tab(pages)  # type: ignore[arg-type]
    try:
        assert tab.frames_of(request_of(laptop, waiting)) == "chrome-error://chromewebdata/"
    finally:
        tab.close()


def test_dark_mode(laptop: Laptop, chromium: Browser, waiting: Program) -> None:
    """A browser that prefers it gets it."""
    colors = {}
    for scheme in ("light", "dark"):
        reader = Reader(chromium, color_scheme=scheme)
        reader.open(request_of(laptop, waiting))
        colors[scheme] = reader.look("getComputedStyle(document.body).backgroundColor")
        reader.close()
    assert colors == {"light": "rgb(246, 247, 249)", "dark": "rgb(20, 23, 26)"}

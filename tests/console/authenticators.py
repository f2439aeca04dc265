"""Passkey authenticators of the browser, and the files that it saves."""

from pathlib import Path

from playwright.sync_api import Page

from tests.console.screen import Screen

_OPTIONS = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def add_authenticator(screen: Screen) -> None:
    """Gives a tab's browser an authenticator, whose user confirms everything."""
    devtools = screen.devtools()

    def add(_: Page) -> None:
        devtools.send("WebAuthn.enable")
        devtools.send("WebAuthn.addVirtualAuthenticator", {"options": _OPTIONS})

    screen.do(add)


def saved(screen: Screen, button: str) -> tuple[str, str]:
    """Presses a button that has the browser save a file; returns its name and its text."""

    def save(page: Page) -> tuple[str, Path]:
        with page.expect_download() as download:
            page.get_by_role("button", name=button, exact=True).click()
        return download.value.suggested_filename, Path(download.value.path())

    name, path = screen.do(save)
    return name, path.read_text(encoding="utf-8")

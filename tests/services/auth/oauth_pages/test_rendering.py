"""The texts of the pages."""

import pytest

from kernel.identity.scopes import GRANTABLE, consent
from services.auth.notifications.language import DEFAULT, LANGUAGES
from services.auth.oauth_pages.rendering import TEXTS, consent_text, error_text, texts


def test_every_language_of_emails_has_pages() -> None:
    """A person gets the same language everywhere."""
    assert {path.stem for path in TEXTS.glob("*.toml")} == set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_text(language: str) -> None:
    """With the keys of the default language; what a scope allows is said by the contract there."""
    keys = {(section, key) for section, of in texts(language).items() for key in of}
    wanted = {(section, key) for section, of in texts(DEFAULT).items() for key in of}
    more = set() if language == DEFAULT else {("scopes", scope) for scope in GRANTABLE}
    assert keys == wanted | more


@pytest.mark.parametrize("scope", sorted(GRANTABLE))
def test_what_a_scope_allows(scope: str) -> None:
    """In English it is what the contract says."""
    assert consent_text(DEFAULT, scope) == consent(scope)
    assert consent_text("de", scope) != consent(scope)


def test_an_error_that_is_not_known() -> None:
    """It says no more than that something went wrong."""
    assert error_text(DEFAULT, "BRAND_NEW") == texts(DEFAULT)["errors"]["OTHER"]

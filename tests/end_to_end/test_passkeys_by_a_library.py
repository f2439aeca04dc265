"""Passkeys by `@simplewebauthn/browser`, a library of many pages: its types, and its functions."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.end_to_end.browser import (
    Refused,
    Tab,
    VirtualAuthenticator,
    add_passkey,
    login_options,
)
from tests.end_to_end.pages import Pages
from tests.end_to_end.person import PASSWORD, new_person
from tests.end_to_end.second_factor import challenge, claims, data_of
from tests.support import typescript

pytestmark = typescript.NEEDED

OPTIONS = """
import type {
  PublicKeyCredentialCreationOptionsJSON as Creation,
  PublicKeyCredentialRequestOptionsJSON as Request,
} from "@simplewebauthn/browser";

export const creation: Creation = CREATION;
export const login: Request = LOGIN;
export const secondFactor: Request = SECOND_FACTOR;
// @ts-expect-error: a member that options do not have
export const other: Request = { ...login, rp: "localhost" } satisfies Request;
// @ts-expect-error: a word that WebAuthn does not have
export const word: Request = { ...login, userVerification: "always" };
"""


@pytest.fixture
def page(tmp_path: Path, pages: Pages) -> Iterator[str]:
    """The path of the compiled program's page on the server of pages."""
    project = typescript.make_project(tmp_path)
    done = typescript.run(project, "tsc")
    assert done.stdout == ""
    assert done.returncode == 0
    pages.folders["typescript"] = project
    yield "typescript/passkeys.html"
    del pages.folders["typescript"]


def test_its_types(tmp_path: Path, web: httpx.Client, tab: Tab) -> None:
    """All options that the product answers with are of them, as they stand."""
    assert VirtualAuthenticator(tab)
    person = new_person(web)
    add_passkey(tab, person)
    asked = data_of(person.call("POST", "/auth/factors/passkeys/options", {}))["options"]
    second = challenge(web, person.email)["passkeyOptions"]
    assert asked["excludeCredentials"]
    assert second["allowCredentials"]
    text = OPTIONS.replace("CREATION", json.dumps(asked))
    text = text.replace("LOGIN", json.dumps(login_options(web)))
    text = text.replace("SECOND_FACTOR", json.dumps(second))
    typescript.copy(tmp_path, "tsconfig.json", "package.json")
    (tmp_path / "options.ts").write_text(text, encoding="utf-8")
    done = typescript.run(tmp_path, "tsc", "--noEmit")
    assert done.stdout == ""
    assert done.returncode == 0


def test_its_functions(page: str, web: httpx.Client, tab: Tab) -> None:
    """They take the options, and the product takes what they give."""
    assert VirtualAuthenticator(tab)
    person = new_person(web)
    url = str(web.base_url).rstrip("/")
    tab.go(page=page)
    person.tokens = tab.run("register", url, person.tokens["accessToken"])
    assert claims(person)["acr"] == "aal2"
    with pytest.raises(Refused, match="InvalidStateError"):
        tab.run("register", url, person.tokens["accessToken"])
    person.tokens = tab.run("logIn", url)
    assert (claims(person)["sub"], claims(person)["acr"]) == (person.user_id, "aal2")
    person.tokens = tab.run("logInAfterPassword", url, person.email, PASSWORD)
    assert set(claims(person)["amr"]) == {"pwd", "pop", "user", "mfa"}

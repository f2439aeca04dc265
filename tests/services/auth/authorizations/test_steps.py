"""What a page does next with an authorization request."""

from dataclasses import replace

import pytest

from kernel.identity.callers import Assurance, Call
from services.auth.authorizations.model import ANSWER_SECONDS
from services.auth.authorizations.repository import AUTHORIZATION_CODE
from services.auth.authorizations.steps import Step
from services.auth.oauth_clients.model import OAuthClient
from tests.services.auth.apps import equipped
from tests.services.auth.authorizations.harness import CALLBACK, WEB_CALLBACK, Answer, Programs
from tests.services.auth.harness import AuthHarness
from tests.services.auth.oauth.harness import Endpoints
from tests.support.store import rows_between

STRANGER = Call(None)


async def step(programs: Programs, call: Call, *, prompted: bool = False, **given: str) -> Step:
    """The next step of a request of the CLI."""
    request = await programs.request(**given)
    found = await programs.steps.next(call, request, prompted=prompted)
    assert (found.redirect_uri, found.confirm) == ("", False)
    return found.step


async def unasked(
    programs: Programs, call: Call, client: OAuthClient, **given: str
) -> tuple[str, bool]:
    """The error of a request with `prompt=none`, or `code`; and whether the page asks before."""
    request = await programs.request(client, prompt="none", **given)
    found = await programs.steps.next(call, request)
    assert found.step is Step.REDIRECT
    answer = Answer.of(found.redirect_uri)
    assert answer.address == (CALLBACK if client.is_built_in else client.redirect_uris[0])
    return answer.parameters.get("error", "code"), found.confirm


@pytest.mark.parametrize("prompt", ["", "consent", "login", "select_account"])
async def test_a_stranger_logs_in(programs: Programs, prompt: str) -> None:
    """Whatever the client wants otherwise."""
    for prompted in (False, True):
        assert await step(programs, STRANGER, prompt=prompt, prompted=prompted) is Step.LOG_IN


@pytest.mark.parametrize(
    ("given", "first", "later"),
    [
        ({}, Step.CONSENT, Step.CONSENT),
        ({"prompt": "consent"}, Step.CONSENT, Step.CONSENT),
        ({"prompt": "login"}, Step.REAUTHENTICATE, Step.CONSENT),
        ({"prompt": "login consent"}, Step.REAUTHENTICATE, Step.CONSENT),
        ({"prompt": "select_account"}, Step.SELECT_ACCOUNT, Step.CONSENT),
        ({"prompt": "login select_account"}, Step.LOG_IN, Step.CONSENT),
        ({"max_age": "0"}, Step.REAUTHENTICATE, Step.CONSENT),
        ({"max_age": "600"}, Step.CONSENT, Step.CONSENT),
        ({"acr_values": "aal1 aal2"}, Step.CONSENT, Step.CONSENT),
        ({"acr_values": "aal2"}, Step.ENROLL, Step.ENROLL),
    ],
)
async def test_a_user_who_has_just_logged_in(
    programs: Programs, harness: AuthHarness, given: dict[str, str], first: Step, later: Step
) -> None:
    """`prompt` and `max_age=0` ask for a step each time a page is opened, and once."""
    call = harness.call(await harness.register())
    assert await step(programs, call, **given) is first
    assert await step(programs, call, prompted=True, **given) is later


@pytest.mark.parametrize(
    ("given", "seconds"),
    [({"max_age": "0"}, ANSWER_SECONDS), ({"max_age": "600"}, 600), ({"prompt": "login"}, 300)],
)
async def test_a_step_that_is_long_ago(
    programs: Programs, harness: AuthHarness, given: dict[str, str], seconds: int
) -> None:
    """The user proves once more who they are if the approval would ask for it."""
    call = harness.call(await harness.register())
    harness.clock.advance(seconds=seconds)
    assert await step(programs, call, prompted=True, **given) is Step.CONSENT
    harness.clock.advance(seconds=1)
    assert await step(programs, call, prompted=True, **given) is Step.REAUTHENTICATE


async def test_two_factors(programs: Programs, harness: AuthHarness) -> None:
    """A user who has shown them goes on; one who has them but has not shown them does so now."""
    user = await equipped(harness)
    call = harness.call(user.result)
    assert await step(programs, call, acr_values="aal2") is Step.CONSENT
    weak = replace(call.caller, assurance=Assurance.AAL1)
    assert await step(programs, call.of(weak), acr_values="aal2") is Step.REAUTHENTICATE


async def test_no_page_without_a_login(programs: Programs, harness: AuthHarness) -> None:
    """The client learns what is missing, and nothing is approved."""
    client = await programs.confidential_client(redirect_uris=(WEB_CALLBACK,))
    call = harness.call(await harness.register())
    for who, given, error in (
        (STRANGER, {}, "login_required"),
        (call, {}, "consent_required"),
        (call, {"acr_values": "aal2"}, "unmet_authentication_requirements"),
    ):
        assert await unasked(programs, who, client, **given) == (error, False)
    harness.clock.advance(minutes=10)
    assert await unasked(programs, call, client, max_age="300") == ("login_required", False)
    assert await rows_between(harness.store, *AUTHORIZATION_CODE.range()) == []


async def test_a_client_that_has_registered_itself(programs: Programs) -> None:
    """A link with an error leads to its site only if the user says so (RFC 9700, section 4.11.2)."""
    client = await programs.dynamic_client(redirect_uris=(WEB_CALLBACK,))
    assert await unasked(programs, STRANGER, client) == ("login_required", True)


async def test_a_consent_from_before(programs: Programs, harness: AuthHarness) -> None:
    """It gives a code without a page, for as much as was allowed, however old the proof is."""
    user, endpoints = await harness.register(), Endpoints(harness)
    client = await programs.dynamic_client(redirect_uris=(WEB_CALLBACK,))
    await endpoints.grant(user, client, scope="sessions:read")
    call = harness.call(user)
    harness.clock.advance(minutes=6)
    assert await unasked(programs, call, client, scope="sessions:read") == ("code", False)
    more = await unasked(programs, call, client, scope="sessions:read sessions:write")
    assert more == ("consent_required", True)
    other = harness.call(await harness.register("eve@example.com"))
    refused = await unasked(programs, other, client, scope="sessions:read")
    assert refused == ("consent_required", True)

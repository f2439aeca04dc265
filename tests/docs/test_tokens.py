"""docs/tokens.md says what the tokens say, and nothing else."""

import re
from pathlib import Path
from uuid import uuid4

import jwt

from kernel.storage import Store
from services.auth.bearer_tokens import format as bearer_tokens
from services.auth.oauth_clients import secrets
from services.auth.tokens import identity
from services.auth.tokens.access import Actor, TokenMetadata
from tests.services.auth.harness import CLAIMS, AuthHarness, make_settings
from tests.support.clock import START, FixedClock

TEXT = (Path(__file__).parents[2] / "docs" / "tokens.md").read_text(encoding="utf-8")


def section(heading: str) -> str:
    """The text below a heading of the second level."""
    return TEXT.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]


def claims_in(heading: str) -> set[str]:
    """The claims in the first column of the table below a heading."""
    rows = re.findall(r"^\| (`[^|]+) \|", section(heading), re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`(\w+)`", row)}


async def test_every_claim_of_an_access_token_is_documented(
    store: Store,
) -> None:
    """A token with everything that one can say has exactly the claims of the table."""
    harness = AuthHarness(store, FixedClock(), make_settings())
    await harness.signing_keys.refresh()
    everything = CLAIMS._replace(
        tenant_suspended=True,
        second_factor=True,
        second_factor_required=True,
        service_account=True,
        operator=True,
        token_id=uuid4(),
        session_id=uuid4(),
        actor=Actor("agent"),
    )
    token = harness.access_tokens.sign(everything, TokenMetadata(uuid4(), START))
    assert set(jwt.decode(token, options={"verify_signature": False})) == claims_in(
        "The claims of an access token"
    )
    await harness.passwords.close()


def test_every_claim_of_an_id_token_is_documented() -> None:
    """The table has the claims that the metadata promises."""
    assert claims_in("The claims of an ID token") == set(identity.CLAIMS)


def test_scanners_find_tokens_by_the_documented_expression() -> None:
    """It is the expression of the code; a secret of a client fits its own."""
    assert f"`{bearer_tokens.PATTERN}`" in TEXT
    (expression,) = re.findall(rf"`({secrets.PREFIX}\[[^`]+)`", TEXT)
    assert re.fullmatch(expression, secrets.write(bytes(range(32))))

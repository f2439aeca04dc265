"""What stands behind bearer tokens: the port of the capabilities that make them."""

from datetime import datetime
from typing import Protocol, TypeVar
from uuid import UUID

from kernel.identity.callers import FIRST_PARTY, Assurance
from kernel.self_tenant import ACTIVE
from kernel.storage import Read, Write
from services.auth.bearer_tokens.format import BearerKind
from services.auth.logins.model import LoginTenant, Method, assurance_of
from services.auth.tokens.access import Actor, Claims
from services.auth.users.model import User


class Credential(Protocol):
    """What the store says of a token."""

    @property
    def secret_hash(self) -> bytes:
        """SHA-256 of its secret."""
        ...

    @property
    def expire_time(self) -> datetime:
        """When it ends."""
        ...

    @property
    def last_used_time(self) -> datetime | None:
        """Its last use, as far as it was noted; None if it never was."""
        ...


C = TypeVar("C", bound=Credential)


class BearerSource(Protocol[C]):
    """The capability that makes the tokens of one kind.

    Attributes:
        kind: The kind.
    """

    @property
    def kind(self) -> BearerKind:
        """The kind of its tokens."""
        ...

    async def find(self, tx: Read, token_id: UUID) -> C | None:
        """What stands behind a token; None once it is revoked.

        It also reads what the token depends on, such as its user or login, and gives None where that
        is gone.
        """
        ...

    async def claims(self, credential: C) -> Claims:
        """What an access token made from the token says by now; it may ask other services.

        The claims name the token (`token_id`), so that a `Revocation` with its id ends the access
        tokens. Raises a `ServiceError`: of the kind UNAVAILABLE if that is not known at the moment,
        any other one if the token gives no access, because its user has lost the tenant, say.
        """
        ...

    async def note_use(self, tx: Write, token_id: UUID, now: datetime) -> None:
        """Notes a use, at most once an hour. Does nothing for a token that is gone."""
        ...


def user_claims(
    user: User,
    tenant: LoginTenant,
    *,
    source_id: UUID,
    token_id: UUID,
    scopes: frozenset[str],
    auth_time: datetime,
    methods: frozenset[Method],
    not_after: datetime,
    session_id: UUID | None = None,
    actor: Actor | None = None,
    client_id: str = FIRST_PARTY,
) -> Claims:
    """The claims of a token that acts for a user in a tenant.

    Args:
        user: The user, as stored.
        tenant: The tenant, as tenants has just said.
        source_id: The `sid`: the login or grant that the token was made in, or the token itself.
        token_id: The token.
        scopes: What it is good for.
        auth_time: When the user last proved who they are, for the login that made the token.
        methods: How. They count for two factors as long as the user has a second one.
        not_after: When it ends.
        session_id: The workspace session that it works in.
        actor: Who acts for the user.
        client_id: The program that acts for the user.
    """
    assurance = assurance_of(methods) if user.second_factor else Assurance.AAL1
    shown = methods if user.second_factor else methods - {Method.TWO_FACTORS}
    return Claims(
        user_id=user.user_id,
        email_verified=user.email_verified,
        login_id=source_id,
        tenant_id=tenant.tenant_id,
        role=tenant.role,
        tenant_epoch=tenant.epoch,
        tenant_suspended=tenant.state != ACTIVE,
        auth_time=auth_time,
        methods=tuple(sorted(shown)),
        assurance=str(assurance),
        second_factor=user.second_factor,
        second_factor_required=tenant.second_factor_required and assurance < Assurance.AAL2,
        not_after=not_after,
        client_id=client_id,
        scopes=scopes,
        token_id=token_id,
        session_id=session_id,
        actor=actor,
    )

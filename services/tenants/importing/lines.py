"""What lines of an import say about organizations. `docs/import.md` describes them."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from kernel.import_lines import Line, Time

Reference = Annotated[str, Field(min_length=1, max_length=255)]
Seconds = Annotated[int, Field(ge=0, lt=1 << 31)]
_DOMAINS = 100


class PolicyLine(Line):
    """What an organization asks of its members, as in the API."""

    second_factor_required: bool = False
    email_domains: Annotated[
        tuple[Annotated[str, Field(max_length=253)], ...], Field(max_length=_DOMAINS)
    ] = ()
    login_idle_seconds: Seconds = 0
    login_life_seconds: Seconds = 0
    programs_allowed: bool = True
    max_token_days: Seconds = 0


class OrganizationLine(Line):
    """An organization with its first owner."""

    kind: Literal["organization"]
    id: UUID | None = None
    external_id: Annotated[
        Reference | None, Field(description="What membership lines of this file call it.")
    ] = None
    slug: Annotated[
        str | None, Field(max_length=40, description="One is made of the name without.")
    ] = None
    name: Annotated[str, Field(max_length=400, description="At most 100 characters.")]
    owner_id: UUID | None = None
    owner_email: Annotated[str | None, Field(max_length=1_020)] = None
    owner_join_time: Annotated[
        Time | None, Field(description="When the owner became a member. By default `createTime`.")
    ] = None
    suspended: bool = False
    suspended_by_operator: Annotated[
        bool, Field(description="Whether only an operator can resume it.")
    ] = False
    policy: PolicyLine = PolicyLine()
    create_time: Time | None = None


class MembershipLine(Line):
    """A user in an organization."""

    kind: Literal["membership"]
    organization_id: UUID | None = None
    organization_external_id: Reference | None = None
    organization_slug: Reference | None = None
    user_id: UUID | None = None
    user_email: Annotated[str | None, Field(max_length=1_020)] = None
    role: Literal["owner", "admin", "member"]
    create_time: Time | None = None

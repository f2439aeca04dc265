"""Policies as messages."""

from coditect.tenants.v5 import policies_pb2
from services.tenants.memberships.model import Policy
from services.tenants.policies.model import PolicyUpdate


def policy(found: Policy) -> policies_pb2.Policy:
    """The policy of a tenant."""
    return policies_pb2.Policy(
        second_factor_required=found.second_factor_required,
        email_domains=found.email_domains,
        login_idle_seconds=found.login_idle_seconds,
        login_life_seconds=found.login_life_seconds,
        programs_allowed=found.programs_allowed,
        max_token_days=found.max_token_days,
    )


def update(request: policies_pb2.UpdatePolicyRequest) -> PolicyUpdate:
    """The change that a request asks for.

    An item of the list that is no text counts as an empty one, which is no domain.
    """
    given = {field.name for field, _ in request.ListFields()}
    domains = tuple(item.string_value for item in request.email_domains.values)
    return PolicyUpdate(
        second_factor_required=(
            request.second_factor_required if "second_factor_required" in given else None
        ),
        email_domains=domains if "email_domains" in given else None,
        login_idle_seconds=request.login_idle_seconds if "login_idle_seconds" in given else None,
        login_life_seconds=request.login_life_seconds if "login_life_seconds" in given else None,
        programs_allowed=request.programs_allowed if "programs_allowed" in given else None,
        max_token_days=request.max_token_days if "max_token_days" in given else None,
    )

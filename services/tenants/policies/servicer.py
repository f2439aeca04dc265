"""Policies over gRPC: turns requests into values, and values into responses."""

from typing import Any

from coditect.tenants.v5 import policies_pb2, policies_pb2_grpc
from kernel.fields import Fields
from kernel.identity.callers import current_call
from kernel.rpc.interceptors import Context
from services.tenants.policies import limits, messages
from services.tenants.policies.policies import Policies


class PoliciesServicer(policies_pb2_grpc.PoliciesServiceServicer):
    """Answers coditect.tenants.v5.PoliciesService."""

    def __init__(self, policies: Policies) -> None:
        self._policies = policies

    async def GetPolicy(
        self, request: policies_pb2.GetPolicyRequest, context: Context
    ) -> policies_pb2.GetPolicyResponse:
        found = await self._policies.get(current_call())
        return policies_pb2.GetPolicyResponse(policy=messages.policy(found))

    async def UpdatePolicy(
        self, request: policies_pb2.UpdatePolicyRequest, context: Context
    ) -> policies_pb2.UpdatePolicyResponse:
        changed = await self._policies.update(current_call(), messages.update(request))
        return policies_pb2.UpdatePolicyResponse(policy=messages.policy(changed))


def check_policy(request: Any, fields: Fields) -> None:
    """Checks the values of an UpdatePolicyRequest, of which the contract says only the minimum."""
    limits.check_at_once(fields, messages.update(request))

"""Between the contract and the members: messages in, values through, messages out."""

from coditect.tenants.v5 import members_pb2, members_pb2_grpc
from kernel.cooperative import yielding
from kernel.fields import Fields
from kernel.identity.callers import current_tenant_call
from kernel.rpc.interceptors import Context
from kernel.seal import Seal
from kernel.storage.recipes.paging import page_size
from services.tenants.members.members import Members
from services.tenants.memberships import messages as memberships


class MembersServicer(members_pb2_grpc.MembersServiceServicer):
    """Answers coditect.tenants.v5.MembersService."""

    def __init__(self, members: Members, seal: Seal) -> None:
        self._members = members
        self._seal = seal

    async def ListMembers(
        self, request: members_pb2.ListMembersRequest, context: Context
    ) -> members_pb2.ListMembersResponse:
        limit = page_size(request.page_size)
        listing = await self._members.list(current_tenant_call(), limit, request.page_token)
        return members_pb2.ListMembersResponse(
            members=[memberships.member(member) async for member in yielding(listing.members)],
            next_page_token=listing.next_page_token,
        )

    async def UpdateMember(
        self, request: members_pb2.UpdateMemberRequest, context: Context
    ) -> members_pb2.UpdateMemberResponse:
        call = current_tenant_call()
        act = memberships.act(context, self._seal, "UpdateMember", call.caller, request)
        fields = Fields()
        user_id = fields.uuid("userId", request.user_id)
        role = memberships.role(fields, "role", request.role)
        fields.check()
        member = await self._members.update(call, act, user_id, role)
        return members_pb2.UpdateMemberResponse(member=memberships.member(member))

    async def RemoveMember(
        self, request: members_pb2.RemoveMemberRequest, context: Context
    ) -> members_pb2.RemoveMemberResponse:
        call = current_tenant_call()
        act = memberships.act(context, self._seal, "RemoveMember", call.caller, request)
        fields = Fields()
        user_id = fields.uuid("userId", request.user_id)
        fields.check()
        await self._members.remove(call, act, user_id)
        return members_pb2.RemoveMemberResponse()

"""Members over gRPC: turns requests into values, and values into responses."""

from uuid import UUID

from coditect.tenants.v5 import members_pb2, members_pb2_grpc
from kernel.cooperative import yielding
from kernel.identity.callers import Role, current_call
from kernel.rpc.interceptors import Context
from kernel.storage.recipes.paging import page_size
from services.tenants.members.members import Members
from services.tenants.memberships import messages as memberships


class MembersServicer(members_pb2_grpc.MembersServiceServicer):
    """Answers coditect.tenants.v5.MembersService."""

    def __init__(self, members: Members) -> None:
        self._members = members

    async def ListMembers(
        self, request: members_pb2.ListMembersRequest, context: Context
    ) -> members_pb2.ListMembersResponse:
        limit = page_size(request.page_size)
        listing = await self._members.list(current_call(), limit, request.page_token)
        return members_pb2.ListMembersResponse(
            members=[memberships.member(member) async for member in yielding(listing.items)],
            next_page_token=listing.next_page_token,
        )

    async def UpdateMember(
        self, request: members_pb2.UpdateMemberRequest, context: Context
    ) -> members_pb2.UpdateMemberResponse:
        user_id, role = UUID(request.user_id), Role.parse(request.role)
        member = await self._members.update(current_call(), user_id, role)
        return members_pb2.UpdateMemberResponse(member=memberships.member(member))

    async def RemoveMember(
        self, request: members_pb2.RemoveMemberRequest, context: Context
    ) -> members_pb2.RemoveMemberResponse:
        await self._members.remove(current_call(), UUID(request.user_id))
        return members_pb2.RemoveMemberResponse()

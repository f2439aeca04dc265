"""Invitations over gRPC: turns requests into values, and values into responses."""

from uuid import UUID

from coditect.tenants.v5 import invitations_pb2, invitations_pb2_grpc
from kernel.identity.callers import Role, current_call
from kernel.rpc.interceptors import Context
from kernel.storage.recipes.paging import page_size
from services.tenants.invitations import messages
from services.tenants.invitations.acceptance import Acceptance
from services.tenants.invitations.invitations import Invitations
from services.tenants.invitations.opt_out import OptOuts
from services.tenants.memberships import messages as memberships


class InvitationsServicer(invitations_pb2_grpc.InvitationsServiceServicer):
    """Answers coditect.tenants.v5.InvitationsService."""

    def __init__(self, invitations: Invitations, acceptance: Acceptance, opt_outs: OptOuts) -> None:
        self._invitations = invitations
        self._acceptance = acceptance
        self._opt_outs = opt_outs

    async def CreateInvitation(
        self, request: invitations_pb2.CreateInvitationRequest, context: Context
    ) -> invitations_pb2.CreateInvitationResponse:
        role = Role.parse(request.role)
        new = await self._invitations.create(current_call(), request.email, role)
        return invitations_pb2.CreateInvitationResponse(invitation=messages.new_invitation(new))

    async def ListInvitations(
        self, request: invitations_pb2.ListInvitationsRequest, context: Context
    ) -> invitations_pb2.ListInvitationsResponse:
        limit = page_size(request.page_size)
        listing = await self._invitations.list(current_call(), limit, request.page_token)
        return invitations_pb2.ListInvitationsResponse(
            invitations=map(messages.invitation, listing.items),
            next_page_token=listing.next_page_token,
        )

    async def DeleteInvitation(
        self, request: invitations_pb2.DeleteInvitationRequest, context: Context
    ) -> invitations_pb2.DeleteInvitationResponse:
        await self._invitations.withdraw(current_call(), UUID(request.invitation_id))
        return invitations_pb2.DeleteInvitationResponse()

    async def ResendInvitation(
        self, request: invitations_pb2.ResendInvitationRequest, context: Context
    ) -> invitations_pb2.ResendInvitationResponse:
        new = await self._invitations.resend(current_call(), UUID(request.invitation_id))
        return invitations_pb2.ResendInvitationResponse(invitation=messages.new_invitation(new))

    async def AcceptInvitation(
        self, request: invitations_pb2.AcceptInvitationRequest, context: Context
    ) -> invitations_pb2.AcceptInvitationResponse:
        membership = await self._acceptance.accept(current_call(), request.token)
        return invitations_pb2.AcceptInvitationResponse(tenant=memberships.tenant(membership))

    async def OptOut(
        self, request: invitations_pb2.OptOutRequest, context: Context
    ) -> invitations_pb2.OptOutResponse:
        opted_out = request.opt_out or not request.HasField("opt_out")
        await self._opt_outs.set(request.token, opted_out=opted_out)
        return invitations_pb2.OptOutResponse()

    async def OptOutByOneClick(
        self, request: invitations_pb2.OptOutByOneClickRequest, context: Context
    ) -> invitations_pb2.OptOutByOneClickResponse:
        await self._opt_outs.set(request.token, opted_out=True)
        return invitations_pb2.OptOutByOneClickResponse()

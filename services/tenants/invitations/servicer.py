"""Between the contract and the invitations: messages in, values through, messages out."""

from coditect.tenants.v5 import invitations_pb2, invitations_pb2_grpc
from kernel.emails import checked_email
from kernel.fields import Fields
from kernel.identity.callers import current_caller, current_tenant_call
from kernel.rpc.interceptors import Context
from kernel.seal import Seal
from kernel.storage.recipes.paging import page_size
from services.tenants.invitations import messages
from services.tenants.invitations.acceptance import Acceptance
from services.tenants.invitations.invitations import Invitations
from services.tenants.memberships import messages as memberships


class InvitationsServicer(invitations_pb2_grpc.InvitationsServiceServicer):
    """Answers coditect.tenants.v5.InvitationsService."""

    def __init__(self, invitations: Invitations, acceptance: Acceptance, seal: Seal) -> None:
        self._invitations = invitations
        self._acceptance = acceptance
        self._seal = seal

    async def CreateInvitation(
        self, request: invitations_pb2.CreateInvitationRequest, context: Context
    ) -> invitations_pb2.CreateInvitationResponse:
        call = current_tenant_call()
        act = memberships.act(context, self._seal, "CreateInvitation", call.caller, request)
        fields = Fields()
        email = checked_email(fields, request.email)
        role = memberships.role(fields, "role", request.role)
        fields.check()
        new_invitation = await self._invitations.create(call, act, email, role)
        return invitations_pb2.CreateInvitationResponse(
            invitation=messages.new_invitation(new_invitation)
        )

    async def ListInvitations(
        self, request: invitations_pb2.ListInvitationsRequest, context: Context
    ) -> invitations_pb2.ListInvitationsResponse:
        limit = page_size(request.page_size)
        listing = await self._invitations.list(current_tenant_call(), limit, request.page_token)
        return invitations_pb2.ListInvitationsResponse(
            invitations=[messages.invitation(one) for one in listing.invitations],
            next_page_token=listing.next_page_token,
        )

    async def DeleteInvitation(
        self, request: invitations_pb2.DeleteInvitationRequest, context: Context
    ) -> invitations_pb2.DeleteInvitationResponse:
        call = current_tenant_call()
        act = memberships.act(context, self._seal, "DeleteInvitation", call.caller, request)
        fields = Fields()
        invitation_id = fields.uuid("invitationId", request.invitation_id)
        fields.check()
        await self._invitations.withdraw(call, act, invitation_id)
        return invitations_pb2.DeleteInvitationResponse()

    async def ResendInvitation(
        self, request: invitations_pb2.ResendInvitationRequest, context: Context
    ) -> invitations_pb2.ResendInvitationResponse:
        call = current_tenant_call()
        act = memberships.act(context, self._seal, "ResendInvitation", call.caller, request)
        fields = Fields()
        invitation_id = fields.uuid("invitationId", request.invitation_id)
        fields.check()
        new_invitation = await self._invitations.resend(call, act, invitation_id)
        return invitations_pb2.ResendInvitationResponse(
            invitation=messages.new_invitation(new_invitation)
        )

    async def AcceptInvitation(
        self, request: invitations_pb2.AcceptInvitationRequest, context: Context
    ) -> invitations_pb2.AcceptInvitationResponse:
        caller = current_caller()
        act = memberships.act(context, self._seal, "AcceptInvitation", caller, request)
        membership = await self._acceptance.accept(caller, act, request.token)
        return invitations_pb2.AcceptInvitationResponse(tenant=memberships.tenant(membership))

"""Between the contract and the email addresses: messages in, values through, messages out."""

from coditect.auth.v5 import email_addresses_pb2, email_addresses_pb2_grpc
from kernel.identity.callers import current_call
from kernel.rpc.interceptors import Context
from services.auth.email_addresses.change import ChangeEmail
from services.auth.email_addresses.proofs import EmailProofs
from services.auth.email_addresses.undo import UndoEmailChange
from services.auth.email_addresses.verification import EmailVerification
from services.auth.one_time_tokens.messages import proof_of
from services.auth.users.messages import user_message


class EmailAddressesServicer(email_addresses_pb2_grpc.EmailAddressesServiceServicer):
    """Answers coditect.auth.v5.EmailAddressesService."""

    def __init__(
        self,
        verification: EmailVerification,
        proofs: EmailProofs,
        change: ChangeEmail,
        undo: UndoEmailChange,
    ) -> None:
        self._verification = verification
        self._proofs = proofs
        self._change = change
        self._undo = undo

    async def SendVerification(
        self, request: email_addresses_pb2.SendVerificationRequest, context: Context
    ) -> email_addresses_pb2.SendVerificationResponse:
        await self._verification.send(current_call())
        return email_addresses_pb2.SendVerificationResponse()

    async def VerifyEmail(
        self, request: email_addresses_pb2.VerifyEmailRequest, context: Context
    ) -> email_addresses_pb2.VerifyEmailResponse:
        user = await self._proofs.prove(current_call(), proof_of(request), request.new_password)
        return email_addresses_pb2.VerifyEmailResponse(user=user_message(user))

    async def ChangeEmail(
        self, request: email_addresses_pb2.ChangeEmailRequest, context: Context
    ) -> email_addresses_pb2.ChangeEmailResponse:
        await self._change.ask(current_call(), request.new_email)
        return email_addresses_pb2.ChangeEmailResponse()

    async def UndoEmailChange(
        self, request: email_addresses_pb2.UndoEmailChangeRequest, context: Context
    ) -> email_addresses_pb2.UndoEmailChangeResponse:
        await self._undo.undo(current_call(), request.token)
        return email_addresses_pb2.UndoEmailChangeResponse()

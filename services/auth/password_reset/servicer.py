"""Between the contract and the password reset: messages in, values through, messages out."""

from coditect.auth.v5 import password_reset_pb2, password_reset_pb2_grpc
from kernel.emails import normalized_email
from kernel.identity.callers import current_call
from kernel.rpc.interceptors import Context
from services.auth.one_time_tokens.messages import proof_of
from services.auth.password_reset.forgot import ForgotPassword
from services.auth.password_reset.reset import ResetPassword


class PasswordResetServicer(password_reset_pb2_grpc.PasswordResetServiceServicer):
    """Answers coditect.auth.v5.PasswordResetService."""

    def __init__(self, forgot: ForgotPassword, reset: ResetPassword) -> None:
        self._forgot = forgot
        self._reset = reset

    async def ForgotPassword(
        self, request: password_reset_pb2.ForgotPasswordRequest, context: Context
    ) -> password_reset_pb2.ForgotPasswordResponse:
        await self._forgot.ask(current_call(), normalized_email(request.email.strip()))
        return password_reset_pb2.ForgotPasswordResponse()

    async def ResetPassword(
        self, request: password_reset_pb2.ResetPasswordRequest, context: Context
    ) -> password_reset_pb2.ResetPasswordResponse:
        await self._reset.reset(current_call(), proof_of(request), request.new_password)
        return password_reset_pb2.ResetPasswordResponse()

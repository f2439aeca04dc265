"""Between the contract and the device login: messages in, values through, messages out."""

from uuid import UUID

from coditect.auth.v5 import device_login_pb2, device_login_pb2_grpc
from kernel.clock import timestamp
from kernel.identity.callers import current_call
from kernel.rpc.interceptors import Context
from services.auth.device_login.answers import AnswerDeviceLogin, WaitingDevice
from services.auth.device_login.start import StartDeviceLogin
from services.auth.oauth_clients.authentication import ClientAuthentication
from services.auth.oauth_clients.messages import consent_scopes


class DeviceLoginServicer(device_login_pb2_grpc.DeviceLoginServiceServicer):
    """Answers coditect.auth.v5.DeviceLoginService."""

    def __init__(
        self,
        authentication: ClientAuthentication,
        start: StartDeviceLogin,
        answer: AnswerDeviceLogin,
    ) -> None:
        self._authentication = authentication
        self._start = start
        self._answer = answer

    async def StartDeviceLogin(
        self, request: device_login_pb2.StartDeviceLoginRequest, context: Context
    ) -> device_login_pb2.StartDeviceLoginResponse:
        call = current_call()
        client = await self._authentication.authenticate(call, request)
        started = await self._start.start(call, client, request.scope)
        return device_login_pb2.StartDeviceLoginResponse(**started._asdict())

    async def GetDeviceLogin(
        self, request: device_login_pb2.GetDeviceLoginRequest, context: Context
    ) -> device_login_pb2.GetDeviceLoginResponse:
        return _shown(await self._answer.look(current_call(), request.user_code))

    async def AnswerDeviceLogin(
        self, request: device_login_pb2.AnswerDeviceLoginRequest, context: Context
    ) -> device_login_pb2.AnswerDeviceLoginResponse:
        call, code = current_call(), request.user_code
        if request.approve:
            tenant_id = UUID(request.tenant_id) if request.HasField("tenant_id") else None
            await self._answer.approve(call, code, tenant_id)
        else:
            await self._answer.deny(call, code)
        return device_login_pb2.AnswerDeviceLoginResponse()


def _shown(waiting: WaitingDevice) -> device_login_pb2.GetDeviceLoginResponse:
    """A device that waits, as a user sees it."""
    device, client = waiting.device_login, waiting.client
    return device_login_pb2.GetDeviceLoginResponse(
        client_id=client.client_id,
        client_name=client.name,
        client_known=client.is_known,
        user_agent=device.device.user_agent,
        address=device.device.address,
        same_network=waiting.same_network,
        scopes=consent_scopes(device.scopes),
        create_time=timestamp(device.create_time),
        expire_time=timestamp(device.expire_time),
        tenant_id=None if client.tenant_id is None else str(client.tenant_id),
    )

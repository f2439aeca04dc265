"""Between the contract and the pages: messages in, values through, pages out."""

from typing import Any

from google.api import httpbody_pb2

from coditect.auth.v5 import oauth_pages_pb2, oauth_pages_pb2_grpc
from kernel.errors import Kind, ServiceError
from kernel.identity.callers import Call, current_call
from kernel.rpc.interceptors import Context
from services.auth.authorizations.messages import parameters_of
from services.auth.authorizations.model import AuthorizationParameters
from services.auth.notifications.language import language_of
from services.auth.oauth_pages import console
from services.auth.oauth_pages.authorize_page import PATH as AUTHORIZE
from services.auth.oauth_pages.authorize_page import AuthorizePage
from services.auth.oauth_pages.device_page import PATH as DEVICE
from services.auth.oauth_pages.device_page import DevicePage
from services.auth.oauth_pages.login_pages import PageFault, error_page
from services.auth.oauth_pages.model import Form, Subject
from services.auth.oauth_pages.rendering import CONTENT_TYPE, Page


class OAuthPagesServicer(oauth_pages_pb2_grpc.OAuthPagesServiceServicer):
    """Answers coditect.auth.v5.OAuthPagesService."""

    def __init__(
        self, authorize_page: AuthorizePage, device_page: DevicePage, *, to_console: bool
    ) -> None:
        self._authorize_page = authorize_page
        self._device_page = device_page
        self._to_console = to_console

    async def OpenAuthorizePage(
        self, request: oauth_pages_pb2.OpenAuthorizePageRequest, context: Context
    ) -> httpbody_pb2.HttpBody:
        if self._to_console:
            parameters = parameters_of(request, AuthorizationParameters)
            return _sent(current_call(), console.authorize(parameters, request.ui_locales))
        return await self._authorize(request, Form())

    async def AnswerAuthorizePage(
        self, request: oauth_pages_pb2.AnswerAuthorizePageRequest, context: Context
    ) -> httpbody_pb2.HttpBody:
        return await self._authorize(request, _form(request))

    async def OpenDevicePage(
        self, request: oauth_pages_pb2.OpenDevicePageRequest, context: Context
    ) -> httpbody_pb2.HttpBody:
        call, language = _opened()
        if self._to_console:
            return _sent(call, console.device(request.user_code))
        try:
            page = await self._device_page.open(call, language, request.user_code)
        except ServiceError as error:
            page = _broken(call, language, DEVICE, error)
        return _sent(call, page)

    async def AnswerDevicePage(
        self, request: oauth_pages_pb2.AnswerDevicePageRequest, context: Context
    ) -> httpbody_pb2.HttpBody:
        call, language = _opened()
        form = _form(request)._replace(user_code=request.user_code)
        try:
            page = await self._device_page.take(call, language, form)
        except ServiceError as error:
            page = _broken(call, language, DEVICE, error)
        return _sent(call, page)

    async def _authorize(self, request: Any, form: Form) -> httpbody_pb2.HttpBody:
        call, language = _opened(request.ui_locales)
        try:
            parameters = parameters_of(request, AuthorizationParameters)
            page = await self._authorize_page.answer(call, language, parameters, form)
        except ServiceError as error:
            page = _broken(call, language, AUTHORIZE, error)
        return _sent(call, page)


def _opened(ui_locales: str = "") -> tuple[Call, str]:
    """The call, and the language of its page: one that the client suggests, or else the browser's."""
    call = current_call()
    return call, language_of(",".join([*ui_locales.split(), call.accept_language]))


def _broken(call: Call, language: str, path: str, error: ServiceError) -> Page:
    """The page of an error that no page expects, such as a store that does not answer."""
    if error.kind is Kind.INTERNAL:
        raise error
    return error_page(Subject(path, language, call.header("x-request-id")), PageFault.of(error))


def _sent(call: Call, page: Page) -> httpbody_pb2.HttpBody:
    call.set_status(page.status)
    for name, value in page.headers.items():
        call.set_header(name, value)
    return httpbody_pb2.HttpBody(content_type=CONTENT_TYPE, data=page.html.encode())


def _form(request: Any) -> Form:
    return Form(
        step=request.step,
        token=request.form_token,
        email=request.email,
        password=request.password,
        code=request.code,
        challenge=request.challenge,
        tenant_id=request.tenant_id,
    )

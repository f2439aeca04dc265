"""Whom tenants calls: ports for the use cases, and what fulfils them."""

from email.message import EmailMessage
from typing import Protocol
from uuid import UUID

from coditect.auth.internal.v1 import auth_pb2, auth_pb2_grpc
from kernel import log
from kernel.clock import Clock
from kernel.errors import AccessTokenRevoked, Kind, ServiceError
from kernel.mail import Mail, MailRefused, MailUnavailable
from kernel.rpc.client import Client
from kernel.seal import Seal, SealKeysWrong
from kernel.storage import Read, Store
from services.tenants import invitation_repository, repository
from services.tenants.errors import ProfileUnavailable
from services.tenants.letters import Envelope, invite
from services.tenants.model import Mailing, Profile
from services.tenants.tokens import hash_of

AUTH = "coditect.auth.internal.v1.AuthInternalService"

_PROFILE_SECONDS = 2.0

_logger = log.get(__name__)


class Profiles(Protocol):
    """What the use cases ask of auth."""

    async def profile(self, user_id: UUID) -> Profile:
        """Who a user is. Raises `ProfileUnavailable`; `AccessTokenRevoked` for a deleted one."""
        ...


class RemoteProfiles:
    """Auth over gRPC."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._stub = client.stub(auth_pb2_grpc.AuthInternalServiceStub)

    async def profile(self, user_id: UUID) -> Profile:
        """Who a user is. Raises `ProfileUnavailable`; `AccessTokenRevoked` for a deleted one."""
        request = auth_pb2.GetUserProfileRequest(user_id=str(user_id))
        try:
            answer = await self._client.call(
                self._stub.GetUserProfile, request, timeout=_PROFILE_SECONDS
            )
        except ServiceError as error:
            if error.kind is Kind.NOT_FOUND:
                raise AccessTokenRevoked from None
            _logger.warning("profile not fetched", reason=error.reason)
            raise ProfileUnavailable from None
        name = f"{answer.first_name} {answer.last_name}".strip()
        return Profile(answer.email, answer.folded_email, name)


class Deliveries:
    """Does what the outboxes hold, as far as there is somebody to take it.

    That is mail. What auth and sessions must learn waits in `keys.OUTBOX`: nobody drains it before
    they have methods that take it, and nothing of it is lost until then.
    """

    def __init__(
        self, store: Store, clock: Clock, seal: Seal, mail: Mail, envelope: Envelope
    ) -> None:
        self._store = store
        self._clock = clock
        self._seal = seal
        self._mail = mail
        self._envelope = envelope

    async def deliver_mail(self, payload: bytes) -> None:
        """Sends one mail; raises if it is not sent, and then it comes again.

        One that is about nothing any more, or that nobody takes, is done with.
        """
        try:
            letter = await self._letter(invitation_repository.parse_mailing(payload))
        except (ServiceError, SealKeysWrong, ValueError) as error:
            _logger.warning("mail not written", cause=type(error).__name__)
            raise
        if letter is None:
            return
        try:
            await self._mail.send(letter)
        except MailRefused as error:
            _logger.warning("mail refused", id=letter["Message-ID"], cause=str(error))
        except MailUnavailable as error:
            _logger.warning("mail not sent", id=letter["Message-ID"], cause=str(error))
            raise

    async def _letter(self, mailing: Mailing) -> EmailMessage | None:
        """The mail, unless its invitation is used, withdrawn, over, or sent anew since."""
        token, now = self._seal.open(mailing.sealed_token).decode(), self._clock.now()
        tenant_id = mailing.tenant_id

        async def read(tx: Read) -> EmailMessage | None:
            found = await invitation_repository.invitation_of_token(tx, hash_of(token))
            tenant = await repository.tenant(tx, tenant_id)
            if found is None or tenant is None or found.expire_time <= now:
                return None
            inviter = await repository.member(tx, tenant_id, mailing.inviter_id)
            name = "" if inviter is None else inviter.profile.display_name
            return invite(self._envelope, found, token, tenant.name, name, now)

        return await self._store.read(read)

"""Fakes of what auth calls in other services, and parts of auth that record what they are asked."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import grpc
from grpc_status import rpc_status

from coditect.sessions.internal.v1 import sessions_pb2, sessions_pb2_grpc
from coditect.tenants.internal.v1 import tenants_pb2, tenants_pb2_grpc
from kernel.clock import timestamp
from kernel.errors import (
    ServiceError,
    SessionNotFound,
    StorageConflict,
    TenantNotFound,
    TenantSuspended,
)
from kernel.identity.callers import Role
from kernel.rpc.errors import to_status
from kernel.storage import Write
from services.auth.logins.failed_guesses import FailedGuesses
from services.auth.logins.model import LoginTenant
from services.auth.passwords.formats import settings_of
from services.auth.passwords.hashing import PasswordCheck, Passwords
from services.auth.security_log.events import SecurityEvents
from services.auth.service_accounts.model import TenantState
from services.auth.settings import AuthSettings
from services.auth.throttling.model import Failure
from tests.support.clock import START


class FakeServices:
    """Tenants and sessions on one real gRPC server: records the calls of auth, and fails as many of the next calls as a test asks for.

    Attributes:
        ensured: Users whose self-tenant was ensured.
        erased: The erasing service and the erased user: `("tenants", user_id)`.
        failures: How many of the next calls fail.
        memberships: The membership by user and tenant id.
        called: The names and revision last sent for a user.
        addresses: The address, its normalized form and whether it is proved, as last sent.
        kept: The pages of lines that each service exports, for any user.
        audit_events: The events for audit logs, each as often as it came.
        sessions: When each session ends that sessions knows, by user, tenant and session id.
    """

    def __init__(self) -> None:
        self.ensured: list[UUID] = []
        self.erased: list[tuple[str, UUID]] = []
        self.failures = 0
        self.memberships: dict[tuple[str, str], tenants_pb2.GetMembershipResponse] = {}
        self.called: dict[str, tuple[str, str, int]] = {}
        self.addresses: dict[str, tuple[str, str, bool]] = {}
        self.kept: dict[str, list[list[str]]] = {"tenants": [[]], "sessions": [[]]}
        self.audit_events: list[tenants_pb2.AppendAuditEventRequest] = []
        self.sessions: dict[tuple[str, str, str], datetime] = {}
        self.address = ""
        self._server = grpc.aio.server()

    async def start(self) -> None:
        """Listens on a free port."""
        tenants_pb2_grpc.add_TenantsInternalServiceServicer_to_server(_Tenants(self), self._server)
        sessions_pb2_grpc.add_SessionsInternalServiceServicer_to_server(
            _Sessions(self), self._server
        )
        port = self._server.add_insecure_port("127.0.0.1:0")
        self.address = f"127.0.0.1:{port}"
        await self._server.start()

    async def stop(self) -> None:
        """Stops the server."""
        await self._server.stop(0)

    def join(self, user_id: str, role: str = "admin", epoch: int = 3) -> str:
        """Makes the user a member of a new tenant; returns the tenant's id."""
        tenant_id = str(uuid4())
        self.memberships[user_id, tenant_id] = tenants_pb2.GetMembershipResponse(
            tenant_id=tenant_id, name="Acme", slug="acme", kind="organization", role=role,
            state="active", create_time=timestamp(START), tenant_epoch=epoch, programs_allowed=True,
        )  # fmt: skip
        return tenant_id

    def page(self, name: str, token: str) -> tuple[list[str], str]:
        """A page of a service's export, and the token of the next page."""
        number = int(token or 0)
        pages = self.kept[name]
        return pages[number], str(number + 1) if number + 1 < len(pages) else ""

    async def fail(self, context: Any) -> None:
        """Fails the call while failures are left."""
        if self.failures:
            self.failures -= 1
            await context.abort_with_status(rpc_status.to_status(to_status(StorageConflict())))


class _Tenants(tenants_pb2_grpc.TenantsInternalServiceServicer):
    def __init__(self, fakes: FakeServices) -> None:
        self._fakes = fakes

    async def EnsureSelfTenant(  # noqa: N802 - the contract's name
        self, request: tenants_pb2.EnsureSelfTenantRequest, context: Any
    ) -> tenants_pb2.EnsureSelfTenantResponse:
        await self._fakes.fail(context)
        user_id = UUID(request.user_id)
        self._fakes.ensured.append(user_id)
        return tenants_pb2.EnsureSelfTenantResponse()

    async def EraseUser(  # noqa: N802
        self, request: tenants_pb2.EraseUserRequest, context: Any
    ) -> tenants_pb2.EraseUserResponse:
        await self._fakes.fail(context)
        self._fakes.erased.append(("tenants", UUID(request.user_id)))
        return tenants_pb2.EraseUserResponse()

    async def GetMembership(  # noqa: N802
        self, request: tenants_pb2.GetMembershipRequest, context: Any
    ) -> tenants_pb2.GetMembershipResponse:
        await self._fakes.fail(context)
        found = self._fakes.memberships.get((request.user_id, request.tenant_id))
        if found is None:
            await context.abort_with_status(rpc_status.to_status(to_status(TenantNotFound())))
        assert found is not None
        if found.state == "suspended" and found.role != "owner":
            await context.abort_with_status(rpc_status.to_status(to_status(TenantSuspended())))
        return found

    async def GetTenantState(  # noqa: N802
        self, request: tenants_pb2.GetTenantStateRequest, context: Any
    ) -> tenants_pb2.GetTenantStateResponse:
        await self._fakes.fail(context)
        memberships = self._fakes.memberships.values()
        found = [one for one in memberships if one.tenant_id == request.tenant_id]
        if not found:
            await context.abort_with_status(rpc_status.to_status(to_status(TenantNotFound())))
        tenant = found[0]
        return tenants_pb2.GetTenantStateResponse(
            kind=tenant.kind,
            state=tenant.state,
            tenant_epoch=tenant.tenant_epoch,
            programs_allowed=tenant.programs_allowed,
        )

    async def UpdateUserProfile(  # noqa: N802
        self, request: tenants_pb2.UpdateUserProfileRequest, context: Any
    ) -> tenants_pb2.UpdateUserProfileResponse:
        await self._fakes.fail(context)
        names = (request.first_name, request.last_name, request.profile_revision)
        self._fakes.called[request.user_id] = names
        address = (request.email, request.normalized_email, request.email_verified)
        self._fakes.addresses[request.user_id] = address
        return tenants_pb2.UpdateUserProfileResponse()

    async def ListTenantsOfUser(  # noqa: N802
        self, request: tenants_pb2.ListTenantsOfUserRequest, context: Any
    ) -> tenants_pb2.ListTenantsOfUserResponse:
        await self._fakes.fail(context)
        found = [
            tenants_pb2.TenantOfUser(tenant_id=tenant_id, name=one.name, kind=one.kind)
            for (user_id, tenant_id), one in self._fakes.memberships.items()
            if user_id == request.user_id
        ]
        return tenants_pb2.ListTenantsOfUserResponse(tenants=found)

    async def AppendAuditEvent(  # noqa: N802
        self, request: tenants_pb2.AppendAuditEventRequest, context: Any
    ) -> tenants_pb2.AppendAuditEventResponse:
        await self._fakes.fail(context)
        self._fakes.audit_events.append(request)
        return tenants_pb2.AppendAuditEventResponse()

    async def ExportUser(  # noqa: N802
        self, request: tenants_pb2.ExportUserRequest, context: Any
    ) -> tenants_pb2.ExportUserResponse:
        await self._fakes.fail(context)
        lines, token = self._fakes.page("tenants", request.page_token)
        return tenants_pb2.ExportUserResponse(lines=lines, next_page_token=token)


class _Sessions(sessions_pb2_grpc.SessionsInternalServiceServicer):
    def __init__(self, fakes: FakeServices) -> None:
        self._fakes = fakes

    async def EraseUser(  # noqa: N802
        self, request: sessions_pb2.EraseUserRequest, context: Any
    ) -> sessions_pb2.EraseUserResponse:
        await self._fakes.fail(context)
        self._fakes.erased.append(("sessions", UUID(request.user_id)))
        return sessions_pb2.EraseUserResponse()

    async def EndSessions(  # noqa: N802
        self, request: sessions_pb2.EndSessionsRequest, context: Any
    ) -> sessions_pb2.EndSessionsResponse:
        raise NotImplementedError("auth ends no sessions")

    async def HoldSession(  # noqa: N802
        self, request: sessions_pb2.HoldSessionRequest, context: Any
    ) -> sessions_pb2.HoldSessionResponse:
        await self._fakes.fail(context)
        asked = request.user_id, request.tenant_id, request.session_id
        end = self._fakes.sessions.get(asked)
        if end is None:
            await context.abort_with_status(rpc_status.to_status(to_status(SessionNotFound())))
        assert end is not None
        return sessions_pb2.HoldSessionResponse(expire_time=timestamp(end))

    async def ExportUser(  # noqa: N802
        self, request: sessions_pb2.ExportUserRequest, context: Any
    ) -> sessions_pb2.ExportUserResponse:
        await self._fakes.fail(context)
        lines, token = self._fakes.page("sessions", request.page_token)
        return sessions_pb2.ExportUserResponse(lines=lines, next_page_token=token)


class CountingPasswords(Passwords):
    """Counts the hashes, and can run a function of the test after a check.

    Attributes:
        hashes: How many were computed, those of checks included.
        verified: The settings of each hash that was checked.
        networks: In which network's queue each computation waited.
        meanwhile: Runs once, after the next check.
    """

    def __init__(self, settings: AuthSettings) -> None:
        super().__init__(settings)
        self.hashes = 0
        self.verified: list[str | None] = []
        self.networks: list[str] = []
        self.meanwhile: Callable[[], Awaitable[object]] | None = None

    async def verify(
        self, password_hash: str, password: str, network: str, *, known: bool = False
    ) -> PasswordCheck:
        """Verifies, and then runs `meanwhile` once before it returns."""
        self.verified.append(settings_of(password_hash))
        check = await super().verify(password_hash, password, network, known=known)
        if self.meanwhile is not None:
            happens, self.meanwhile = self.meanwhile, None
            await happens()
        return check

    async def _run(
        self, network: str, work: Callable[[], Any], *, known: bool = False, large: bool = False
    ) -> Any:
        self.hashes += 1
        self.networks.append(network)
        return await super()._run(network, work, known=known, large=large)


class Memberships:
    """The memberships that a test has set, in place of tenants.

    Attributes:
        of: The tenant by user and tenant id.
        refusal: The error that is raised instead of any answer.
        meanwhile: A function that runs once, while the next call is being answered.
    """

    def __init__(self) -> None:
        self.of: dict[tuple[UUID, UUID], LoginTenant] = {}
        self.refusal: ServiceError | None = None
        self.meanwhile: Callable[[], Awaitable[object]] | None = None

    def put(
        self, user_id: UUID, role: Role, *, epoch: int = 1, state: str = "active"
    ) -> LoginTenant:
        """Makes a user a member of a new tenant."""
        tenant_id = uuid4()
        tenant = LoginTenant(
            tenant_id, "Acme", "acme", "organization", str(role), state, START, epoch
        )
        self.of[user_id, tenant_id] = tenant
        return tenant

    async def tenant_state(self, tenant_id: UUID) -> TenantState:
        """The state of a tenant that any user is a member of."""
        if self.refusal is not None:
            raise self.refusal
        found = next((one for (_, of), one in self.of.items() if of == tenant_id), None)
        if found is None:
            raise TenantNotFound
        return TenantState(
            found.kind, found.state, found.epoch, found.programs_allowed, found.longest_token_days
        )

    async def membership(self, user_id: UUID, tenant_id: UUID) -> LoginTenant:
        """The tenant with the member's role."""
        if self.refusal is not None:
            raise self.refusal
        found = self.of.get((user_id, tenant_id))
        if self.meanwhile is not None:
            happens, self.meanwhile = self.meanwhile, None
            await happens()
        if found is None:
            raise TenantNotFound
        return found


class Sessions:
    """The living sessions that a test has set, in place of sessions.

    Attributes:
        of: When a session ends, by user, tenant and session id.
        asked: How often a session was looked up.
        refusal: The error that is raised instead of any answer.
        meanwhile: A function that runs once, after the next look-up and before its answer.
    """

    def __init__(self) -> None:
        self.of: dict[tuple[UUID, UUID, UUID], datetime] = {}
        self.asked = 0
        self.refusal: ServiceError | None = None
        self.meanwhile: Callable[[], Awaitable[object]] | None = None

    def put(self, user_id: UUID, tenant_id: UUID) -> UUID:
        """A new session of a user in a tenant; returns its id."""
        session_id = uuid4()
        self.of[user_id, tenant_id, session_id] = START + timedelta(days=7)
        return session_id

    def end(self, session_id: UUID) -> None:
        """Ends a session; auth is not told."""
        self.of = {key: end for key, end in self.of.items() if key[-1] != session_id}

    async def hold(self, user_id: UUID, tenant_id: UUID, session_id: UUID) -> datetime:
        """When the session ends."""
        self.asked += 1
        if self.refusal is not None:
            raise self.refusal
        found = self.of.get((user_id, tenant_id, session_id))
        if self.meanwhile is not None:
            happens, self.meanwhile = self.meanwhile, None
            await happens()
        if found is None:
            raise SessionNotFound
        return found


class RecordingFailureLog(FailedGuesses):
    """Also keeps what the throttle says about failures.

    Attributes:
        reported: Each failure, and whether it stopped the guesses.
        noticed: The failures of which the user gets a notice, as often as a transaction ran.
    """

    def __init__(self, events: SecurityEvents) -> None:
        super().__init__(events)
        self.reported: list[tuple[Failure, bool]] = []
        self.noticed: list[Failure] = []

    async def notify(self, tx: Write, failure: Failure) -> None:
        """Notes it, too."""
        await super().notify(tx, failure)
        self.noticed.append(failure)

    def report(self, failure: Failure, *, stopped: bool) -> None:
        """Notes it, too."""
        super().report(failure, stopped=stopped)
        self.reported.append((failure, stopped))

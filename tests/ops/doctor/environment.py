"""All contexts on one store, called through their use cases, without background tasks."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pyotp

from kernel.idempotent_request import IdempotentRequest
from kernel.identity.callers import Call, Caller, Role
from kernel.identity.scopes import SESSIONS_READ
from kernel.runtime import Runtime
from kernel.seal import Seal
from kernel.settings import secrets_of
from kernel.storage import Store, Write
from kernel.storage.families import COMMIT_BYTES
from ops.doctor.catalogue import Catalogue
from ops.doctor.examination import examine
from ops.doctor.report import Finding, Report
from services.auth.authorizations import codes as authorization_codes
from services.auth.device_login import codes
from services.auth.device_login.errors import DeviceLoginNotFound
from services.auth.factors.model import Recovery
from services.auth.factors.recovery import KEPT
from services.auth.factors.repository import RECOVERIES
from services.auth.logins.errors import BadCredentials, SecondFactorWrong
from services.auth.logins.second_factors import Answer
from services.auth.notifications.model import EmailKind, NewEmail
from services.auth.oauth_clients.model import SpentAssertion
from services.auth.oauth_clients.repository import REGISTRATION_QUOTA, SPENT_ASSERTIONS
from services.auth.one_time_tokens.model import Purpose, Secrets
from services.auth.one_time_tokens.one_time_tokens import OneTimeTokens
from services.auth.operator_log.log import OperatorLog
from services.auth.operator_log.model import Act, OperatorAct
from services.auth.operators import repository as operators
from services.auth.operators.model import Operator
from services.auth.outbox import repository as auth_outbox
from services.auth.outbox.model import TaskKind
from services.auth.personal_access_tokens.model import RequestedToken
from services.auth.signing_keys.repository import remove_signing_keys
from services.auth.users.repository import USERS, require_user
from services.auth.workspace_tokens.model import RequestedWorkspaceToken
from services.sessions.model import NewSession, Session, SessionUpdate
from services.sessions.sessions import Sessions
from services.sessions.settings import SessionsSettings
from services.tenants.audit.repository import AUDIT_REMOVED
from services.tenants.invitations.opt_out import opt_out_token
from services.tenants.memberships.model import Member
from services.tenants.organizations import repository as organizations
from services.tenants.organizations.model import TenantUpdate
from services.tenants.policies.model import PolicyUpdate
from services.tenants.webhooks.model import FailedDelivery
from services.tenants.webhooks.repository import FAILED_DELIVERIES
from tests.services.auth.device_login.harness import Devices
from tests.services.auth.harness import EMAIL, PASSWORD, AuthHarness, make_settings
from tests.services.auth.oauth.harness import Endpoints
from tests.services.auth.oauth_clients import harness as clients
from tests.services.tenants.harness import DEVICE, call, person, profile_of
from tests.services.tenants.harness import TenantsHarness as TenantsParts
from tests.services.tenants.harness import make_settings as make_tenants_settings
from tests.support.audit_events import deliver_audit_events
from tests.support.authenticator import Authenticator
from tests.support.clock import START, FixedClock
from tests.support.ids import FixedIds
from tests.support.service import ENVIRON, UNREACHABLE

DRAFT = NewSession("Name", "/work", b"")
POLICY = PolicyUpdate(email_domains=("example.com",), login_life_seconds=86_400)


class Environment:
    """The use cases of every context, and the rows that tests look for."""

    def __init__(self, store: Store) -> None:
        clock = FixedClock()
        environ = {**ENVIRON, "AUTH_ADDRESS": UNREACHABLE, "SETTLE_SECONDS": "0"}
        seal = Seal(secrets_of(make_settings().seal_keys))
        self.store = store
        self.auth = AuthHarness(store, clock, make_settings(MAIL_URL="file:///no"))
        self.organizations = TenantsParts(store, clock, make_tenants_settings(), seed=7)
        self.sessions = Sessions(
            Runtime(store, clock, FixedIds(6), seal), SessionsSettings.read(environ)
        )

    async def populate(self) -> None:
        """Fills the store with every kind of row; some messages are left undelivered."""
        await self.store.write(remove_keys)
        await self.auth.signing_keys.refresh()
        self.ada = await self.auth.register(
            idempotency=IdempotentRequest("ada", "Register", "key", b"digest")
        )
        self.caller = self.auth.caller(self.ada)
        for email, device_token in (("No@Example.com", ""), (EMAIL, self.ada.device_token)):
            with suppress(BadCredentials):
                await self.auth.log_in(email, "wrong", device_token=device_token)
        self.deleted_user = await self.auth.register("Deleted@Example.com")
        await self.deliver()
        await self.mail_token(self.user_id)
        await self.add_organizations(self.caller)
        await self.queue_email()
        await self.auth.log_in()
        await self.auth.devices.end(
            self.auth.call(self.caller), self.auth.caller(await self.auth.log_in()).login_id
        )
        self.session = await self.work(self.caller)
        await self.work(self.auth.caller(self.deleted_user))
        await self.auth.deletion.delete(self.auth.call(self.deleted_user), PASSWORD)
        await self.deliver()
        leaving = await self.auth.register("Leaving@Example.com")
        await self.deliver()
        await self.work(self.auth.caller(leaving))
        await self.auth.deletion.delete(self.auth.call(leaving), PASSWORD)
        await self.work(self.auth.caller(await self.auth.register("New@Example.com")))
        await self.add_factors()
        await self.lose_factors()
        await self.add_tokens()
        await self.add_devices()
        await self.add_clients()
        await self.add_workspace_tokens()
        await self.add_authorizations()
        await self.add_operator()
        await self.add_waiting_account()

    async def mail_token(self, user_id: UUID) -> None:
        """Stores a one-time token of a user."""
        tokens = OneTimeTokens(self.auth.runtime)
        purpose, email, day = Purpose.VERIFY_EMAIL, "ada@example.com", timedelta(days=1)
        new = tokens.new(purpose, email, now=START, life=day, user_id=user_id)
        await self.store.write(lambda tx: tokens.put(tx, new))

    async def add_factors(self) -> None:
        """Gives Ada an app, with recovery codes, and a passkey; another app is not yet confirmed."""
        auth, totp = self.auth, self.auth.totp
        enrolled = await totp.enroll(auth.call(self.caller), "Phone")
        code = pyotp.TOTP(enrolled.secret).at(auth.clock.now())
        added = await totp.confirm(auth.call(self.caller), enrolled.factor_id, code)
        self.caller = auth.verified(added.tokens)
        passkeys, call = auth.register_passkey, auth.call(self.caller)
        credential = Authenticator().create((await passkeys.options(call)).options)
        self.caller = auth.verified((await passkeys.create(call, credential, "Key")).tokens)
        await totp.enroll(auth.call(self.caller), "Tablet")

    async def add_tokens(self) -> None:
        """Ada makes a personal token, and a key of a service account of the organization."""
        auth, scopes = self.auth, frozenset({SESSIONS_READ})
        requested = RequestedToken("CI", scopes, None, None)
        await auth.personal_access_tokens.create(auth.call(self.caller), requested)
        auth.memberships.of[self.user_id, self.acme_id] = replace(
            auth.memberships.put(self.user_id, Role.OWNER), tenant_id=self.acme_id
        )
        caller = replace(self.caller, tenant_id=self.acme_id)
        call = Call(caller, tenant_id=self.acme_id, least_role=Role.ADMIN)
        account = await auth.service_accounts.create(call, "Build", Role.MEMBER, scopes)
        await self.deliver_audit_events()
        await auth.service_account_keys.create(call, account.account_id, "Server", None)
        acting = replace(caller, user_id=account.account_id, is_service_account=True)
        opened = await self.sessions.create(Call(acting), DRAFT)
        self.account_session_id = opened.session_id

    async def add_operator(self) -> None:
        """Makes Carol an operator, who has looked at a tenant."""
        self.operator_id, now = self.promised_id, self.auth.clock.now()

        async def grant(tx: Write) -> None:
            user = await require_user(tx, self.operator_id)
            await operators.put(tx, user, Operator(user.user_id, now))

        await self.store.write(grant)
        act = OperatorAct(now, self.operator_id, Act.TENANT_VIEWED, DEVICE, None, self.acme_id)
        await OperatorLog(self.auth.runtime).receive(UUID(int=9, version=4), act)

    async def add_waiting_account(self) -> None:
        """Leaves an account that is erased later, because it is under a legal hold until then."""
        result = await self.auth.register("Waiting@Example.com")
        self.waiting_id, now = result.user.user_id, self.auth.clock.now()

        async def hold(tx: Write) -> None:
            user = await require_user(tx, self.waiting_id)
            await USERS.put(tx, replace(user, hold_time=now))

        await self.store.write(hold)
        await self.auth.deletion.delete(self.auth.call(result), PASSWORD)

        async def release(tx: Write) -> None:
            user = await require_user(tx, self.waiting_id)
            await USERS.put(tx, replace(user, hold_time=None))

        await self.store.write(release)

    async def add_workspace_tokens(self) -> None:
        """Ada's session has a token; another session with one ends, and auth does not know yet."""
        auth, caller = self.auth, self.caller
        made = []
        for _ in range(2):
            session = await self.sessions.create(Call(caller), DRAFT)
            ids = caller.user_id, caller.tenant_id, session.session_id
            auth.sessions.of[ids] = START + timedelta(days=7)
            await self.sessions.hold(*ids)
            requested = RequestedWorkspaceToken(session.session_id, frozenset(), "agent")
            made.append((await auth.workspace_tokens.create(auth.call(caller), requested)).token)
        living, ended = made
        self.workspace_session_id, self.workspace_token_id = living.session_id, living.token_id
        await self.sessions.delete(Call(caller), ended.session_id)
        await auth.end_session_tokens.end(caller.user_id, UUID(int=6, version=4))

    async def lose_factors(self) -> None:
        """Ada types a wrong code, and begins a recovery."""
        with suppress(SecondFactorWrong):
            await self.auth.answer(await self.auth.challenge(), Answer(code="wrong"))
        recovery = Recovery(self.user_id, START, START + timedelta(days=3), START + KEPT)
        await self.store.write(lambda tx: RECOVERIES.put(tx, recovery))

    async def add_devices(self) -> None:
        """A device waits, Ada lets another one in, and types a wrong code."""
        devices, call = Devices(self.auth), self.auth.call(self.caller)
        waiting, approved = await devices.start(), await devices.start()
        await devices.answer.approve(call, approved.user_code)
        with suppress(DeviceLoginNotFound):
            await devices.answer.look(call, "ZZZZ-ZZZZ")
        self.waiting_device_id, self.approved_device_id = (
            self.device_login_id(one.device_code) for one in (waiting, approved)
        )

    async def add_clients(self) -> None:
        """Adds a client of Acme, one that has registered itself, and a used assertion."""
        own = clients.with_secret(tenant_id=self.acme_id)
        for client in (own, clients.dynamic_client()):
            await clients.put(self.store, client)
        spent = SpentAssertion(b"1" * 32, START)

        async def add(tx: Write) -> None:
            await SPENT_ASSERTIONS.put(tx, spent)
            await REGISTRATION_QUOTA.take(tx, 1, "clients", b"network", 1)

        await self.store.write(add)

    async def add_authorizations(self) -> None:
        """Ada approves two programs, of which one takes its code, and a third one pushes a request."""
        programs = Endpoints(self.auth)
        waiting, taken = [await programs.code(self.caller) for _ in range(2)]
        await programs.redeem(taken)
        self.code_id, self.used_code_id = (self.code_id_of(one) for one in (waiting, taken))
        name = (await programs.push()).request_uri
        found = authorization_codes.read_request(name, self.auth.seal)
        assert found is not None, "as it was made"
        self.request_id = found.request_id

    def code_id_of(self, text: str) -> UUID:
        """The id of a code."""
        code = authorization_codes.read_code(text, self.auth.seal)
        assert code is not None, "as it was made"
        return code.code_id

    def device_login_id(self, device_code: str) -> UUID:
        """The id of a device login, by its device code."""
        code = codes.read(device_code, self.auth.seal)
        assert code is not None, "as it was made"
        return code.device_login_id

    async def work(self, caller: Caller) -> Session:
        """Creates three sessions, updates one, ends another, and returns the updated one."""
        replay = IdempotentRequest(
            str(caller.user_id), "CreateSession", "key", b"digest", scope=str(caller.tenant_id)
        )
        first = await self.sessions.create(Call(caller, idempotency=replay), DRAFT)
        second, _ = [await self.sessions.create(Call(caller), DRAFT) for _ in range(2)]
        await self.sessions.update(Call(caller), first.session_id, SessionUpdate(name="Other"))
        await self.sessions.delete(Call(caller), second.session_id)
        return first

    async def add_organizations(self, owner: Caller) -> None:
        """Creates an organization with a second member, and one that is deleted but not cleared."""
        bob = self.auth.caller(await self.auth.register("Bob@Example.com"))
        await self.deliver()
        parts = self.organizations
        made = await parts.organizations.create(call(owner, key="Acme"), "Acme", None)
        self.acme_id = made.tenant.tenant_id
        deleted_id = await parts.found(owner, "Deleted")
        for tenant_id in (self.acme_id, deleted_id):
            profile = profile_of(bob.user_id)
            await parts.put(Member(tenant_id, bob.user_id, Role.MEMBER, START, profile))
        owner_call = call(owner, self.acme_id)
        await parts.members.update(owner_call, bob.user_id, Role.ADMIN)
        await parts.organizations.update(owner_call, TenantUpdate(state="suspended"))
        await parts.organizations.update(owner_call, TenantUpdate(name="Acme & Co", state="active"))
        for tenant_id in (self.acme_id, deleted_id):
            invite = call(owner, tenant_id, key=str(tenant_id))
            issued = await parts.invitations.create(invite, "Eve@Example.com", Role.MEMBER)
            self.invitation = issued.invitation if tenant_id == self.acme_id else self.invitation
        await parts.invitations.resend(owner_call, self.invitation.invitation_id)
        other = await parts.invitations.create(owner_call, "No@Example.com", Role.MEMBER)
        await parts.invitations.withdraw(owner_call, other.invitation.invitation_id)
        await self.promise(owner_call)
        await parts.policies.update(owner_call, POLICY)
        await self.work(replace(owner, tenant_id=deleted_id))
        await self.add_webhook(replace(owner, tenant_id=self.acme_id))
        await self.end_sessions(bob)
        await parts.organizations.delete(call(owner, deleted_id))
        await parts.operator_reading.get(call(person()), self.acme_id)
        await self.store.write(self.purge_organization)

    async def add_webhook(self, owner: Caller) -> None:
        """Adds a webhook, which has given up an entry; the entry waits to be sent again."""
        parts = self.organizations
        admin = call(owner, self.acme_id, Role.ADMIN)
        made = await parts.webhooks.create(admin, "Hook", "https://hooks.example.com/")
        self.webhook_id = made.state.webhook.webhook_id
        first = (await parts.events.list(admin, 1, "")).entries[0]
        self.failed_delivery = failed = FailedDelivery(
            tenant_id=self.acme_id,
            webhook_id=self.webhook_id,
            commit=first.commit,
            event_id=first.event_id,
            type=first.entry.action,
            event_time=first.entry.time,
            last_attempt_time=START,
            attempts=1,
            last_status=500,
            replaying=True,
        )

        async def give_up(tx: Write) -> None:
            await FAILED_DELIVERIES.put(tx, failed)
            tx.set(AUDIT_REMOVED.key(self.acme_id), bytes(COMMIT_BYTES))

        await self.store.write(give_up)

    async def purge_organization(self, tx: Write) -> None:
        """Leaves what is left of an organization whose rows are all removed: a notice to auth."""
        self.purged_id = UUID(int=5, version=4)
        organizations.clear_deleted_tenant(tx, self.purged_id)

    async def queue_email(self) -> None:
        """Leaves an email to Ada in the queue."""
        secrets, now = Secrets("token", "code"), self.auth.clock.now()
        email = NewEmail(EmailKind.VERIFY_EMAIL, "Ada@Example.com", now, secrets=secrets)
        await self.store.write(lambda tx: self.auth.emails.put(tx, email))

    async def promise(self, owner_call: Call) -> None:
        """Adds a member who waits for a role, and stops invitation emails to that member."""
        carol = self.auth.caller(await self.auth.register("Carol@Example.com"))
        await self.deliver()
        parts = self.organizations
        invited = await parts.invitations.create(owner_call, "Promised@Example.com", Role.ADMIN)
        joined = await parts.acceptance.accept(call(carol), invited.token)
        assert joined.member.promise is not None
        self.promised_id = carol.user_id
        token = opt_out_token(parts.runtime.seal, invited.invitation)
        await parts.opt_outs.set(token, opted_out=True)

    async def end_sessions(self, member: Caller) -> None:
        """Ends a member's sessions and those of another tenant; then the member creates new ones."""
        before = replace(member, tenant_id=self.acme_id, tenant_epoch=1)
        await self.sessions.create(Call(before), DRAFT)
        await self.sessions.end(self.acme_id, member.user_id, 2)
        await self.sessions.end(UUID(int=1, version=4), None, 1)
        self.member = replace(before, tenant_epoch=2)
        self.member_session = await self.work(self.member)

    async def deliver(self) -> None:
        """Delivers auth's outboxes to tenants and sessions."""

        async def deliver(payload: bytes) -> None:
            task = auth_outbox.parse_task(payload)
            if task.create_time is not None:
                await self.organizations.self_tenants.ensure(task.user_id, task.create_time)
            elif task.kind is TaskKind.ERASE:
                await self.organizations.erasure.erase(task.user_id)
                await self.sessions.erase_user(task.user_id)

        assert (await auth_outbox.OUTBOX.drain(self.store, deliver))[1] == 0
        await self.deliver_audit_events()

    async def deliver_audit_events(self) -> None:
        """Delivers events to the audit logs of organizations."""
        await deliver_audit_events(self.store, self.organizations.audit_events)

    async def close(self) -> None:
        """Stops the hashing threads."""
        await self.auth.passwords.close()

    @property
    def user_id(self) -> UUID:
        """Ada's id."""
        return self.ada.user.user_id

    @property
    def tenant_id(self) -> UUID:
        """The id of Ada's self-tenant."""
        return self.ada.tenant.tenant_id

    @property
    def login_id(self) -> UUID:
        """The id of Ada's login."""
        return self.caller.login_id


async def remove_keys(tx: Write) -> None:
    """Removes all signing keys, of which there are none yet."""
    remove_signing_keys(tx)


async def findings(store: Store) -> list[Finding]:
    """The doctor's findings in a store."""
    found: list[Finding] = []
    await examine(store, Catalogue(), Report(found.append))
    return found

"""The rules of organisations: who makes them, what they are called, when they rest and end."""

from dataclasses import replace
from uuid import UUID

from kernel import log
from kernel.clock import Clock
from kernel.identity.callers import Caller, Role, TenantCall
from kernel.ids import Ids
from kernel.storage import Read, Store, Write
from services.tenants import audit_repository, names, repository
from services.tenants import standing_repository as standings
from services.tenants.admission import admit
from services.tenants.clients import Profiles
from services.tenants.errors import SlugTaken
from services.tenants.model import (
    ACTIVE,
    ORGANISATION,
    Act,
    AuditEntry,
    Changes,
    Member,
    Membership,
    Tenant,
)
from services.tenants.room import require_room
from services.tenants.settings import TenantsSettings
from services.tenants.slugs import slugs_for
from services.tenants.writes import Change, felt, once, once_felt

_logger = log.get(__name__)


class Organisations:
    """The use cases around an organisation."""

    def __init__(
        self, store: Store, clock: Clock, ids: Ids, profiles: Profiles, settings: TenantsSettings
    ) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._profiles = profiles
        self._limit = settings.tenants_per_user
        self._settle_seconds = settings.settle_seconds

    async def create(self, caller: Caller, act: Act, name: str, slug: str | None) -> Membership:
        """Makes an organisation that the caller owns.

        Raises `SlugTaken`, `TenantLimitReached`, `ProfileUnavailable`, `IdempotencyKeyReused`;
        `AccessTokenRevoked` if the user has been deleted meanwhile.
        """
        now, tenant_id = self._clock.now(), self._ids.uuid()
        profile = await self._profiles.profile(caller.user_id)
        owner = Member(tenant_id, caller.user_id, Role.OWNER, now, profile)
        slugs = slugs_for(name, tenant_id) if slug is None else [slug]

        async def create(tx: Write) -> bytes:
            await require_room(tx, caller.user_id, self._limit)
            free = await _first_free(tx, slugs)
            tenant = Tenant(tenant_id, name, free, ORGANISATION, ACTIVE, now)
            await repository.put_tenant(tx, tenant)
            await repository.put_member(tx, owner)
            _note(tx, tenant_id, AuditEntry.by(caller, act.device, now, "tenant.created"))
            return repository.pack_membership(Membership(tenant, owner))

        made = repository.parse_membership(await once(self._store, act.replay, now, create))
        await names.catch_up(self._store, self._profiles, made.member)
        return made

    async def update(self, call: TenantCall, act: Act, changes: Changes) -> Membership:
        """Changes what is given.

        Raises what `admit` raises, `TenantIsPersonal`, `IdempotencyKeyReused`.
        """
        now = self._clock.now()

        async def update(tx: Write) -> Change:
            admitted = await admit(tx, call, while_suspended=changes.state == ACTIVE)
            admitted.require_organisation()
            tenant = _changed(admitted.tenant, changes)
            await repository.put_tenant(tx, tenant)
            for action, detail in _what_changed(admitted.tenant, tenant):
                entry = AuditEntry.by(call.caller, act.device, now, action, detail=detail)
                _note(tx, tenant.tenant_id, entry)
            lost = tenant.state != admitted.tenant.state
            if lost:  # also when it is resumed: a token says whether its tenant is suspended
                await standings.lose(tx, tenant.tenant_id, None, ended=False)
            member = await repository.member(tx, tenant.tenant_id, call.caller.user_id)
            assert member is not None, "who was let in is a member"
            return Change(repository.pack_membership(Membership(tenant, member)), lost)

        return repository.parse_membership(
            await once_felt(self._store, act.replay, now, update, self._settle_seconds)
        )

    async def delete(self, call: TenantCall, act: Act) -> None:
        """Deletes an organisation: from now on nobody finds it; a sweep removes the rest.

        Raises what `admit` raises, `TenantIsPersonal`, `IdempotencyKeyReused`.
        """
        tenant_id, user_id = str(call.tenant_id), str(call.caller.user_id)

        async def delete(tx: Write) -> bytes:
            admitted = await admit(tx, call, while_suspended=True)
            admitted.require_organisation()
            repository.clear_organisation(tx, admitted.tenant)
            await standings.lose(tx, call.tenant_id, None, ended=True)
            return b""

        await once(self._store, act.replay, self._clock.now(), delete)
        # What was done in it goes with it, this too; and nobody waits before it is told.
        _logger.info("organisation deleted", tenant_id=tenant_id, user_id=user_id)
        await felt(self._store, self._settle_seconds)


async def _first_free(tx: Read, slugs: list[str]) -> str:
    for slug in slugs:
        if not await repository.slug_is_taken(tx, slug):
            return slug
    raise SlugTaken


def _changed(tenant: Tenant, changes: Changes) -> Tenant:
    return replace(
        tenant,
        name=tenant.name if changes.name is None else changes.name,
        state=tenant.state if changes.state is None else changes.state,
    )


def _what_changed(old: Tenant, new: Tenant) -> list[tuple[str, str]]:
    """What to note, with more about it."""
    found = [("tenant.renamed", new.name)] if new.name != old.name else []
    if new.state != old.state:
        found.append(("tenant.resumed" if new.state == ACTIVE else "tenant.suspended", ""))
    return found


def _note(tx: Write, tenant_id: UUID, entry: AuditEntry) -> None:
    audit_repository.append_audit(tx, tenant_id, entry)

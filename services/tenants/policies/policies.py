"""The rules of policies: who reads and changes one, and whose tokens a change ends."""

from dataclasses import asdict, replace

from kernel.fields import Fields
from kernel.identity.assurance import require_assurance
from kernel.identity.callers import Assurance, Call
from kernel.runtime import Runtime
from kernel.storage import Read, Write
from kernel.storage.recipes.idempotency import Repeat
from services.tenants.audit import repository as audit
from services.tenants.audit.model import AuditEntry
from services.tenants.memberships import repository as memberships
from services.tenants.memberships.authorization import authorize
from services.tenants.memberships.model import Policy
from services.tenants.memberships.self_tenant import SelfTenants
from services.tenants.policies.limits import checked_with_pauses, is_costly
from services.tenants.policies.model import PolicyUpdate
from services.tenants.revocations import repository as revocations
from services.tenants.revocations.settle import Change, write_enforced
from services.tenants.settings import TenantsSettings

_DOMAINS_SHOWN = 5  # in an audit entry


class Policies:
    """The use cases of the policy of a tenant."""

    def __init__(self, runtime: Runtime, settings: TenantsSettings) -> None:
        self._store = runtime.store
        self._clock = runtime.clock
        self._self_tenants = SelfTenants(runtime.store)
        self._settle_seconds = settings.settle_seconds

    async def get(self, call: Call) -> Policy:
        """The policy of a tenant. Raises what `authorize` raises."""

        async def read(tx: Read) -> Policy:
            return (await authorize(tx, call, while_suspended=True)).tenant.policy

        await self._self_tenants.ensure_callers(call, self._clock.now())
        return await self._store.read(read)

    async def update(self, call: Call, changes: PolicyUpdate) -> Policy:
        """Changes the policy of an organization.

        Raises what `authorize` raises, `InvalidRequest` for a bad value, `SelfTenantImmutable`,
        `SecondFactorRequired` if the caller asks for a second factor that their own login lacks,
        `IdempotencyKeyReused`.
        """
        wanted = await self._checked(call, changes)
        now = self._clock.now()

        async def update(tx: Write) -> Change[Policy]:
            authorization = await authorize(tx, call)
            authorization.require_organization()
            old = authorization.tenant.policy
            new = _changed(old, wanted)
            if new.second_factor_required:
                # Or an owner could lock out everybody, and be the first one outside.
                require_assurance(call.caller, Assurance.AAL2)
            if new == old:
                return Change(old, revoked=False)
            await memberships.ALL_TENANTS.put(tx, replace(authorization.tenant, policy=new))
            entry = AuditEntry.by(call, now, "policy.updated", detail=_what_changed(old, new))
            audit.append(tx, call.tenant_id, entry)
            revoked = _ends_tokens(old, new)
            if revoked:
                await revocations.revoke_access(tx, call.tenant_id, None, end_sessions=False)
            return Change(new, revoked)

        async def again(tx: Read, _: bytes) -> Policy:
            return (await authorize(tx, call, while_suspended=True)).tenant.policy

        return await write_enforced(
            self._store,
            call,
            now,
            update,
            Repeat(again),
            self._settle_seconds,
            essential=wanted.may_end_tokens,
        )

    async def _checked(self, call: Call, changes: PolicyUpdate) -> PolicyUpdate:
        """The values that a caller has chosen. Raises `InvalidRequest`.

        A costly list is not converted for a user of another tenant: for it, it also raises what
        `authorize` raises.
        """
        if is_costly(changes):
            # A repeat is answered while the tenant is suspended, too.
            await self._store.read(lambda tx: authorize(tx, call, while_suspended=True))
        fields = Fields()
        wanted = await checked_with_pauses(fields, changes)
        fields.check()
        return wanted


def _changed(old: Policy, changes: PolicyUpdate) -> Policy:
    given = {name: value for name, value in asdict(changes).items() if value is not None}
    return replace(old, **given)


def _ends_tokens(old: Policy, new: Policy) -> bool:
    """Whether the tokens of before say less than the new policy asks for, or more.

    A token says that a second factor is missing, so it ends when none is asked for any more, too.
    """
    return (
        new.second_factor_required != old.second_factor_required
        or (old.programs_allowed and not new.programs_allowed)
        or _is_shorter(old.max_token_days, new.max_token_days)
        or _is_shorter(old.login_idle_seconds, new.login_idle_seconds)
        or _is_shorter(old.login_life_seconds, new.login_life_seconds)
    )


def _is_shorter(old: int, new: int) -> bool:
    return bool(new) and (not old or new < old)


def _what_changed(old: Policy, new: Policy) -> str:
    """The detail for the audit log."""
    found = []
    if new.second_factor_required != old.second_factor_required:
        found.append(f"second factor {'required' if new.second_factor_required else 'optional'}")
    if new.email_domains != old.email_domains:
        found.append(f"email domains {_brief(new.email_domains)}")
    if new.login_idle_seconds != old.login_idle_seconds:
        found.append(f"idle time of logins {_limit(new.login_idle_seconds)}")
    if new.login_life_seconds != old.login_life_seconds:
        found.append(f"life of logins {_limit(new.login_life_seconds)}")
    if new.programs_allowed != old.programs_allowed:
        found.append(f"programs {'allowed' if new.programs_allowed else 'not allowed'}")
    if new.max_token_days != old.max_token_days:
        found.append(f"life of tokens {_limit(new.max_token_days, 'days')}")
    return ", ".join(found)


def _brief(domains: tuple[str, ...]) -> str:
    """The first domains, and how many more there are: an entry has room for a few."""
    shown, more = domains[:_DOMAINS_SHOWN], len(domains) - _DOMAINS_SHOWN
    text = " ".join(shown) or "any"
    return f"{text} and {more} more" if more > 0 else text


def _limit(number: int, unit: str = "s") -> str:
    return f"{number} {unit}" if number else "unlimited"

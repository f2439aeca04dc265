"""The rules of webhooks: who sets one up, changes and deletes it, and gives it another secret."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from kernel.fields import Fields
from kernel.identity.callers import Call
from kernel.runtime import Runtime
from kernel.storage import Read, Write
from kernel.storage.recipes.paging import Listing, Page, PageTokens, list_name
from services.tenants.audit import repository as audit
from services.tenants.audit.model import AuditEntry
from services.tenants.memberships.authorization import authorize
from services.tenants.memberships.self_tenant import SelfTenants
from services.tenants.settings import TenantsSettings
from services.tenants.webhooks import repository
from services.tenants.webhooks.errors import WebhookLimitReached
from services.tenants.webhooks.model import (
    NewWebhookSecret,
    Progress,
    Webhook,
    WebhookState,
    WebhookUpdate,
)
from services.tenants.webhooks.signatures import secret_text
from services.tenants.webhooks.urls import check_url, host_of

OLD_SECRET_LIFE = timedelta(days=1)
"""How long the secret before a rotation signs, too."""


class Webhooks:
    """The use cases of an admin around a webhook."""

    def __init__(self, runtime: Runtime, settings: TenantsSettings) -> None:
        self._store = runtime.store
        self._clock = runtime.clock
        self._ids = runtime.ids
        self._seal = runtime.seal
        self._page_tokens = PageTokens(runtime.seal)
        self._self_tenants = SelfTenants(runtime.store)
        self._limit = settings.webhooks_per_tenant
        self._private = settings.webhook_private_addresses

    async def create(self, call: Call, name: str, url: str) -> NewWebhookSecret:
        """Makes a webhook, whose first event is that of its own making.

        Raises what `authorize` raises, `InvalidRequest` for a bad URL, `SelfTenantImmutable`,
        `WebhookLimitReached`.
        """
        self._check(url)
        now, secret = self._clock.now(), self._ids.secret()
        webhook = Webhook(
            call.tenant_id, self._ids.uuid(), name, url, now, self._seal.encrypt(secret)
        )

        async def create(tx: Write) -> WebhookState:
            (await authorize(tx, call)).require_organization()
            begin, end = repository.WEBHOOK.range(call.tenant_id)
            if len(await tx.get_range(begin, end, limit=self._limit)) == self._limit:
                raise WebhookLimitReached({"limit": str(self._limit)})
            position = await audit.last_commit(tx, call.tenant_id)
            progress = Progress(
                call.tenant_id, webhook.webhook_id, host_of(url), position, due_time=now
            )
            await repository.WEBHOOKS.put(tx, webhook)
            await repository.PROGRESS.put(tx, progress)
            note(tx, call, webhook, "webhook.created", now, host_of(url))
            return WebhookState(webhook, progress)

        return NewWebhookSecret(await self._store.write(create), secret_text(secret))

    async def list(self, call: Call, limit: int, token: str) -> Listing[WebhookState]:
        """A page of the webhooks. Raises what `authorize` raises, `PageTokenInvalid`."""
        name = list_name("webhooks", str(call.tenant_id), str(call.caller.user_id))

        async def read(tx: Read, after: bytes | None) -> Page[WebhookState]:
            await authorize(tx, call, while_suspended=True)
            page = await repository.WEBHOOKS.page(tx, call.tenant_id, after=after, limit=limit)
            ids = [(one.tenant_id, one.webhook_id) for one in page.items]
            found = await repository.PROGRESS.get_many(tx, ids)
            states = map(WebhookState, page.items, found)
            return Page([*states], page.last_key)

        await self._self_tenants.ensure_callers(call, self._clock.now())
        return await self._page_tokens.list(self._store, name, token, read)

    async def get(self, call: Call, webhook_id: UUID) -> WebhookState:
        """A webhook. Raises what `authorize` raises, `WebhookNotFound`."""

        async def read(tx: Read) -> WebhookState:
            await authorize(tx, call, while_suspended=True)
            return await repository.state(tx, call.tenant_id, webhook_id)

        await self._self_tenants.ensure_callers(call, self._clock.now())
        return await self._store.read(read)

    async def update(self, call: Call, webhook_id: UUID, changes: WebhookUpdate) -> WebhookState:
        """Changes a webhook. One that is enabled, or gets another URL, is due at once.

        Raises what `get` raises, `InvalidRequest` for a bad URL.
        """
        if changes.url is not None:
            self._check(changes.url)
        now = self._clock.now()

        async def update(tx: Write) -> WebhookState:
            await authorize(tx, call)
            old = await repository.state(tx, call.tenant_id, webhook_id)
            new = _changed(old, changes, now)
            if new == old:
                return old
            await repository.WEBHOOKS.put(tx, new.webhook)
            await repository.PROGRESS.put(tx, new.progress)
            note(tx, call, new.webhook, "webhook.updated", now, _what_changed(old, new))
            return new

        return await self._store.write(update)

    async def delete(self, call: Call, webhook_id: UUID) -> None:
        """Deletes a webhook with its failed deliveries. Raises what `get` raises."""
        now = self._clock.now()

        async def delete(tx: Write) -> None:
            await authorize(tx, call)
            webhook, progress = await repository.state(tx, call.tenant_id, webhook_id)
            await repository.WEBHOOKS.clear(tx, webhook)
            await repository.PROGRESS.clear(tx, progress)
            # They are few: there is one in three days, and none while the webhook is disabled.
            for family in (repository.FAILED_DELIVERY, repository.FAILED_DELIVERY_REPLAYING):
                tx.clear_range(*family.range(call.tenant_id, webhook_id))
            note(tx, call, webhook, "webhook.deleted", now)

        await self._store.write(delete, essential=True)

    async def rotate_secret(self, call: Call, webhook_id: UUID) -> NewWebhookSecret:
        """Gives a webhook another secret; the one before signs for a day, too.

        Raises what `get` raises.
        """
        now, secret = self._clock.now(), self._ids.secret()
        sealed = self._seal.encrypt(secret)

        async def rotate(tx: Write) -> WebhookState:
            await authorize(tx, call)
            webhook, progress = await repository.state(tx, call.tenant_id, webhook_id)
            new = replace(
                webhook,
                sealed_secret=sealed,
                sealed_old_secret=webhook.sealed_secret,
                old_secret_expire_time=now + OLD_SECRET_LIFE,
            )
            await repository.WEBHOOKS.put(tx, new)
            note(tx, call, new, "webhook.secret_rotated", now)
            return WebhookState(new, progress)

        return NewWebhookSecret(await self._store.write(rotate), secret_text(secret))

    def _check(self, url: str) -> None:
        """Raises `InvalidRequest` for a bad URL."""
        fields = Fields()
        check_url(fields, url, self._private)
        fields.check()


def note(
    tx: Write, call: Call, webhook: Webhook, action: str, time: datetime, detail: str = ""
) -> None:
    """Notes what an admin does with a webhook in the audit log."""
    entry = AuditEntry.by(call, time, action, webhook.webhook_id, detail)
    audit.append(tx, webhook.tenant_id, replace(entry, target_name=webhook.name))


def due_now(progress: Progress, now: datetime) -> Progress:
    """A webhook that is due at once, unless it is disabled, or a process works on it already."""
    if progress.leased or progress.disabled_reason:
        return progress
    return replace(progress, due_time=now)


def _changed(old: WebhookState, changes: WebhookUpdate, now: datetime) -> WebhookState:
    webhook, progress = old
    if changes.name is not None:
        webhook = replace(webhook, name=changes.name)
    if changes.url is not None and changes.url != webhook.url:
        webhook = replace(webhook, url=changes.url)
        progress = due_now(replace(progress, host=host_of(changes.url), slow=True), now)
    if changes.enabled and progress.disabled_reason:
        progress = due_now(
            replace(
                progress,
                disabled_reason="",
                attempts=0,
                failing_since_time=None,
                has_given_up=False,
            ),
            now,
        )
    if changes.enabled is False and not progress.disabled_reason:
        # A process that works on it ends its lease after the delivery that is under way.
        due_time = progress.due_time if progress.leased else None
        progress = replace(progress, disabled_reason="admin", due_time=due_time)
    return WebhookState(webhook, progress)


def _what_changed(old: WebhookState, new: WebhookState) -> str:
    """The detail for the audit log: no URL, whose path may hold a secret of the receiver."""
    found = []
    if new.webhook.name != old.webhook.name:
        found.append("name")
    if new.webhook.url != old.webhook.url:
        found.append(f"url at {new.progress.host}")
    if bool(new.progress.disabled_reason) != bool(old.progress.disabled_reason):
        found.append("disabled" if new.progress.disabled_reason else "enabled")
    return ", ".join(found)

"""The shapes of tenants: TypedDicts, in the spelling of JSON.

Generated from docs/openapi.yaml by `make python-client`; not edited by hand.
"""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict


class AcceptInvitationRequest(TypedDict):
    """Asks to become a member."""

    token: str
    """The token of the invitation, from the email or from its inviter."""


class AuditEntry(TypedDict):
    """One action in a tenant."""

    time: str
    """When it happened.

    May be before that of the entry in front of it.
    """

    userId: str
    """The user or service account that did it.

    Empty for what follows by itself, such as a role that waited for a proof, for what an
    operator of the system did, and once the user's account is deleted.
    """

    loginId: str
    """The login or the grant of a program, or else the personal token or key that was used.

    Empty once the user's account is deleted.
    """

    action: Literal[
        "tenant.created",
        "tenant.imported",
        "tenant.renamed",
        "tenant.suspended",
        "tenant.resumed",
        "policy.updated",
        "member.joined",
        "member.imported",
        "member.role_changed",
        "member.promise_lapsed",
        "member.removed",
        "member.left",
        "member.erased",
        "invitation.created",
        "invitation.resent",
        "invitation.withdrawn",
        "service_account.created",
        "service_account.updated",
        "service_account.deleted",
        "service_account_key.created",
        "service_account_key.deleted",
        "client.created",
        "client.updated",
        "client.deleted",
        "client.secret_created",
        "webhook.created",
        "webhook.updated",
        "webhook.deleted",
        "webhook.secret_rotated",
        "webhook.disabled",
        "webhook.replayed",
    ]
    """What was done."""

    target: str
    """The user, invitation, service account, key, client or webhook that it was done to.

    Empty if it was the tenant itself, and once the user's account is deleted.
    """

    detail: str
    """Details, such as the new role of a member or a service account, or the id of the service account of a key."""

    address: str
    """The network address that the call came from."""

    userAgent: str
    """The User-Agent header of the call, cut to 256 characters."""

    clientId: str
    """The client of OAuth that acted for the user.

    Empty for the user's own login.
    """

    tokenId: str
    """The personal token, key or workspace token that was used.

    Empty without one.
    """

    agent: str
    """Who acted for the user, such as an AI agent, as the token says.

    Empty without one.
    """

    byServiceAccount: bool
    """Whether a service account did it."""

    targetName: str
    """The name of the service account, key, client or webhook, as after the change.

    Empty for other targets.
    """

    byOperator: bool
    """Whether an operator of the system did it."""


class CreateInvitationRequest(TypedDict):
    """Asks for an invitation."""

    email: str
    """The email address, at most 254 bytes (RFC 5321)."""

    role: Literal["owner", "admin", "member"]
    """The role that the new member gets on proving the address."""


class CreateTenantRequest(TypedDict):
    """Asks for an organization."""

    name: str
    """The display name."""

    slug: NotRequired[str | None]
    """The name in URLs: a to z and 0 to 9, with single hyphens between them.

    Each tenant has a different slug.
    """


class CreateWebhookRequest(TypedDict):
    """Asks for a webhook."""

    name: str
    """A name, for the admins."""

    url: str
    """The URL to which it sends: https, with a host name that leads to public addresses, and without credentials or fragment."""


class CreateWebhookResponse(TypedDict):
    """The new webhook."""

    webhook: Webhook
    """The webhook."""

    secret: str
    """The secret with which it signs: `whsec_` and base64 of 32 random bytes."""


class DeleteInvitationResponse(TypedDict):
    """Says that the invitation is withdrawn."""


class DeleteTenantResponse(TypedDict):
    """Says that the organization is deleted."""


class DeleteWebhookResponse(TypedDict):
    """Says that the webhook is deleted."""


class Event(TypedDict):
    """Something that happened in a tenant.

    A webhook sends the same JSON.
    """

    eventId: str
    """The id of the event.

    It is the same in every answer and delivery.
    """

    tenantId: str
    """The tenant in which it happened."""

    type: str
    """What happened: the `action` of the entry of the audit log.

    A webhook also sends `webhook.test`, which an admin has asked for, and `events.lost`.
    """

    timestamp: str
    """When it happened.

    May be before that of the event in front of it.
    """

    data: AuditEntry
    """The entry of the audit log.

    Absent in `webhook.test` and `events.lost`.
    """

    lostEvents: int
    """Only in `events.lost`: how many events were removed, because of their age, before the webhook could send them."""


class FailedDelivery(TypedDict):
    """An event that a webhook has given up."""

    eventId: str
    """The id of the event."""

    type: str
    """What happened."""

    eventTime: str
    """When it happened."""

    lastAttemptTime: str
    """When it was last tried."""

    attempts: int
    """How often it was tried."""

    lastStatus: int
    """The status of the last answer; 0 if there was none."""

    replaying: bool
    """Whether it waits to be sent again."""


class HandOverOperatorTenantRequest(TypedDict):
    """Asks to make a member an owner."""

    userId: str
    """The member."""

    reason: str
    """Why, for the operator log."""


class Invitation(TypedDict):
    """An invitation to become a member."""

    invitationId: str
    """The id of the invitation."""

    email: str
    """The email address that the invitation was sent to."""

    role: Literal["owner", "admin", "member"]
    """The role that a new member gets on proving the address."""

    state: Literal["pending"]
    """Whether the invitation can be accepted."""

    createTime: str
    """When the invitation was created."""

    expireTime: str
    """When the invitation ends."""

    token: NotRequired[str]
    """What AcceptInvitation takes.

    The token in the email is another one. Only present in the answers to CreateInvitation and
    ResendInvitation.
    """


class ListAuditResponse(TypedDict):
    """A page of the audit log."""

    entries: list[AuditEntry]
    """The entries."""

    nextPageToken: str
    """The token of the next page.

    Empty on the last page.
    """


class ListEventsResponse(TypedDict):
    """Events."""

    events: list[Event]
    """The events."""

    nextCursor: str
    """The cursor of the next call.

    Never empty.
    """

    hasMore: bool
    """Whether there are more events already."""


class ListFailedDeliveriesResponse(TypedDict):
    """A page of failed deliveries."""

    failedDeliveries: list[FailedDelivery]
    """The failed deliveries."""

    nextPageToken: str
    """The token of the next page.

    Empty on the last page.
    """


class ListInvitationsResponse(TypedDict):
    """A page of invitations."""

    invitations: list[Invitation]
    """The invitations."""

    nextPageToken: str
    """The token of the next page.

    Empty on the last page.
    """


class ListMembersResponse(TypedDict):
    """A page of members."""

    members: list[Member]
    """The members."""

    nextPageToken: str
    """The token of the next page.

    Empty on the last page.
    """


class ListOperatorMembersResponse(TypedDict):
    """A page of members."""

    members: list[Member]
    """The members."""

    nextPageToken: str
    """The token of the next page.

    Empty on the last page.
    """


class ListOperatorTenantsResponse(TypedDict):
    """A page of tenants."""

    tenants: list[OperatedTenant]
    """The tenants."""

    nextPageToken: str
    """The token of the next page.

    Empty on the last page.
    """


class ListTenantsResponse(TypedDict):
    """A page of tenants."""

    tenants: list[Tenant]
    """The tenants."""

    nextPageToken: str
    """The token of the next page.

    Empty on the last page.
    """


class ListWebhooksResponse(TypedDict):
    """A page of webhooks."""

    webhooks: list[Webhook]
    """The webhooks."""

    nextPageToken: str
    """The token of the next page.

    Empty on the last page.
    """


class Member(TypedDict):
    """A user in a tenant."""

    userId: str
    """The id of the user."""

    email: str
    """The email address.

    Empty in a self-tenant.
    """

    displayName: str
    """The first and last name.

    Empty in a self-tenant.
    """

    role: Literal["owner", "admin", "member"]
    """The role in the tenant."""

    joinTime: str
    """When the user became a member."""

    promisedRole: NotRequired[Literal["owner", "admin"]]
    """The role that the member gets on proving the address that was invited.

    Only present while the proof is missing.
    """


class OperatedTenant(TypedDict):
    """A tenant as an operator sees it."""

    tenantId: str
    """The id of the tenant."""

    name: str
    """The display name."""

    slug: str
    """The name in URLs."""

    kind: Literal["self", "organization"]
    """`self` for a user's own tenant, `organization` for a shared one."""

    state: Literal["active", "suspended"]
    """Whether the tenant can be used."""

    suspendedByOperator: bool
    """Whether an operator has suspended it: only an operator can resume it."""

    createTime: str
    """When the tenant was created."""

    memberCount: int
    """The number of members.

    Always 1 in a self-tenant.
    """

    ownerIds: list[str]
    """The ids of the owners in the order in which they became members, 20 at most.

    Empty in a list.
    """


class OptOutByOneClickResponse(TypedDict):
    """Says that no invitation is mailed any more."""


class OptOutRequest(TypedDict):
    """Asks to stop invitation emails."""

    token: str
    """The token from an invitation email."""

    optOut: NotRequired[bool | None]
    """`false` lets the emails come again.

    If absent, they stop.
    """


class OptOutResponse(TypedDict):
    """Says that no invitation is mailed any more, or that they are again."""


class Policy(TypedDict):
    """What a tenant asks of its members and their logins."""

    secondFactorRequired: bool
    """Whether members act in the tenant only with a second factor."""

    emailDomains: list[str]
    """The domains of the email addresses with which a user can become a member, in lowercase ASCII (IDNA).

    Empty for any domain.
    """

    loginIdleSeconds: int
    """After how many seconds without a refresh a login that acts in the tenant ends.

    0 for no limit of the tenant's.
    """

    loginLifeSeconds: int
    """The maximum life in seconds of a login that acts in the tenant.

    0 for no limit of the tenant's.
    """

    programsAllowed: bool
    """Whether programs get access tokens for the tenant: those that members have allowed to act for them, personal and workspace tokens, and service accounts.

    Otherwise members act in it by their own logins alone.
    """

    maxTokenDays: int
    """For how many days at most a personal access token or the key of a service account is good in the tenant.

    0 for no limit of the tenant's.
    """


class RemoveMemberResponse(TypedDict):
    """Says that the membership has ended."""


class ReplayWebhookRequest(TypedDict):
    """Asks to send events again."""

    eventId: NotRequired[str | None]
    """The event of one failed delivery.

    Not together with `cursor`.
    """

    cursor: NotRequired[str | None]
    """A cursor of the list of events: the webhook goes back to it, and sends all events after it.

    Not together with `eventId`.
    """


class ReplayWebhookResponse(TypedDict):
    """Says that the events wait to be sent."""


class ResendInvitationRequest(TypedDict):
    """Asks to send an invitation again."""


class ResumeOperatorTenantRequest(TypedDict):
    """Asks to resume an organization."""

    reason: str
    """Why, for the operator log."""


class RotateWebhookSecretResponse(TypedDict):
    """The new secret."""

    webhook: Webhook
    """The webhook."""

    secret: str
    """The secret, in the form of the one before."""


class SuspendOperatorTenantRequest(TypedDict):
    """Asks to suspend an organization."""

    reason: str
    """Why, for the operator log."""


class Tenant(TypedDict):
    """A self-tenant or an organization, as the caller sees it."""

    tenantId: str
    """The id of the tenant."""

    name: str
    """The display name."""

    slug: str
    """The name in URLs."""

    kind: Literal["self", "organization"]
    """`self` for a user's own tenant, `organization` for a shared one."""

    role: Literal["owner", "admin", "member"]
    """The caller's role in the tenant."""

    state: Literal["active", "suspended"]
    """Whether the tenant can be used.

    Only its owners can use a suspended one.
    """

    createTime: str
    """When the tenant was created."""

    promisedRole: NotRequired[Literal["owner", "admin"]]
    """The role that the caller gets on proving the address that was invited.

    Only present while the proof is missing.
    """


class TestWebhookResponse(TypedDict):
    """What came of the test."""

    delivered: bool
    """Whether the receiver took the event: its status was 200 to 299."""

    status: int
    """The status of the answer; 0 if there was none in time."""


class UpdateMemberRequest(TypedDict):
    """Asks to change a membership."""

    role: Literal["owner", "admin", "member"]
    """The new role."""


class UpdatePolicyRequest(TypedDict):
    """Asks to change the policy of an organization.

    Only the given fields change.
    """

    secondFactorRequired: NotRequired[bool | None]
    """Whether members act in the organization only with a second factor."""

    emailDomains: NotRequired[list[str] | None]
    """The domains, as texts, of the email addresses with which a user can become a member: 100 at most, in place of the previous ones.

    An empty list allows any domain. A subdomain counts as another domain. Members stay whatever
    their addresses are.
    """

    loginIdleSeconds: NotRequired[int | None]
    """After how many seconds without a refresh a login that acts in the organization ends: 300 to 2592000, or 0 for no limit of the organization's."""

    loginLifeSeconds: NotRequired[int | None]
    """The maximum life in seconds of a login that acts in the organization: 300 to 2592000, or 0 for no limit of the organization's."""

    programsAllowed: NotRequired[bool | None]
    """Whether programs get access tokens for the organization."""

    maxTokenDays: NotRequired[int | None]
    """For how many days at most a personal access token or the key of a service account is good in the organization: 1 to 3650, or 0 for no limit of the organization's.

    Older ones stop being good there.
    """


class UpdateTenantRequest(TypedDict):
    """Asks to change an organization.

    Only the given fields change.
    """

    name: NotRequired[str | None]
    """The display name."""

    state: NotRequired[Literal["active", "suspended"] | None]
    """In a `suspended` organization only owners can act; `active` lets all members act again."""


class UpdateWebhookRequest(TypedDict):
    """Asks to change a webhook.

    Only the given fields change.
    """

    name: NotRequired[str | None]
    """Another name."""

    url: NotRequired[str | None]
    """Another URL."""

    enabled: NotRequired[bool | None]
    """Whether it sends."""


class Webhook(TypedDict):
    """A webhook, without its secret."""

    webhookId: str
    """The id of the webhook."""

    name: str
    """The name."""

    url: str
    """The URL to which it sends."""

    enabled: bool
    """Whether it sends.

    A disabled webhook keeps its place in the audit log.
    """

    disabledReason: Literal["admin", "gone", "failing", ""]
    """Why it does not send: `admin` if an admin has disabled it, `gone` if the receiver answered with status 410, `failing` if one event was given up and the next one failed, too.

    Empty while it is enabled.
    """

    createTime: str
    """When it was made."""

    lastSuccessTime: NotRequired[str]
    """When an event was last delivered.

    Absent if none was.
    """

    failingSinceTime: NotRequired[str]
    """Since when all deliveries have failed.

    Absent if the last one did not.
    """

    nextAttemptTime: NotRequired[str]
    """When the next delivery is due after a failure.

    Absent without one.
    """

    lastStatus: int
    """The status of the last answer: 0 before the first delivery, and if there was no answer."""

    lostEvents: int
    """How many events were removed from the audit log, because of their age, before they could be sent."""

    oldSecretExpireTime: NotRequired[str]
    """Until when deliveries are also signed with the secret before.

    Absent without one.
    """

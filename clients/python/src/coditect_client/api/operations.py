"""The operations of the API.

Generated from docs/openapi.yaml by `make python-client`; not edited by hand.
"""

from typing import Any

from coditect_client.models import Empty, auth, sessions, tenants
from coditect_client.operation import Operation
from coditect_client.pages import Pages

REGISTER: Operation[auth.RegisterResponse | Empty] = Operation(
    method="POST", path="/api/v5/auth/register", takes_key=True, gives_tokens=True
)

GET_ME: Operation[auth.User] = Operation(method="GET", path="/api/v5/auth/me", authorized=True)

UPDATE_ME: Operation[auth.User] = Operation(
    method="PATCH", path="/api/v5/auth/me", authorized=True, takes_key=True
)

DELETE_ME: Operation[auth.DeleteMeResponse] = Operation(
    method="DELETE", path="/api/v5/auth/me", authorized=True, ends_login=True
)

EXPORT_ME: Operation[Any] = Operation(method="GET", path="/api/v5/auth/me/export", authorized=True)

CHANGE_PASSWORD: Operation[auth.ChangePasswordResponse] = Operation(
    method="POST", path="/api/v5/auth/password", authorized=True
)

START_DEVICE_LOGIN: Operation[auth.StartDeviceLoginResponse] = Operation(
    method="POST", path="/oauth/device_authorization", form=True, enveloped=False
)

GET_DEVICE_LOGIN: Operation[auth.GetDeviceLoginResponse] = Operation(
    method="GET", path="/api/v5/oauth/device/{userCode}", authorized=True
)

ANSWER_DEVICE_LOGIN: Operation[auth.AnswerDeviceLoginResponse] = Operation(
    method="POST", path="/api/v5/oauth/device/{userCode}", authorized=True
)

ANSWER_AUTHORIZATION: Operation[auth.AnswerAuthorizationResponse] = Operation(
    method="POST", path="/api/v5/oauth/authorizations", authorized=True
)

CHECK_AUTHORIZATION: Operation[auth.CheckAuthorizationResponse] = Operation(
    method="POST", path="/api/v5/oauth/authorizations/check", authorized=True
)

GET_AUTHORIZATION_SERVER: Operation[auth.AuthorizationServerMetadata] = Operation(
    method="GET", path="/.well-known/oauth-authorization-server", enveloped=False
)

GET_OPEN_ID_CONFIGURATION: Operation[auth.AuthorizationServerMetadata] = Operation(
    method="GET", path="/.well-known/openid-configuration", enveloped=False
)

GET_PROTECTED_RESOURCE: Operation[auth.ProtectedResourceMetadata] = Operation(
    method="GET", path="/.well-known/oauth-protected-resource", enveloped=False
)

GET_PROTECTED_RESOURCE_OF_API: Operation[auth.ProtectedResourceMetadata] = Operation(
    method="GET", path="/.well-known/oauth-protected-resource/api/v5", enveloped=False
)

SEND_VERIFICATION: Operation[auth.SendVerificationResponse] = Operation(
    method="POST", path="/api/v5/auth/email/verification", authorized=True
)

VERIFY_EMAIL: Operation[auth.User] = Operation(
    method="POST", path="/api/v5/auth/email/verify", authorized=True
)

CHANGE_EMAIL: Operation[auth.ChangeEmailResponse] = Operation(
    method="POST", path="/api/v5/auth/email", authorized=True
)

UNDO_EMAIL_CHANGE: Operation[auth.UndoEmailChangeResponse] = Operation(
    method="POST", path="/api/v5/auth/email/undo"
)

LIST_FACTORS: Operation[auth.ListFactorsResponse] = Operation(
    method="GET", path="/api/v5/auth/factors", authorized=True
)

UPDATE_FACTOR: Operation[auth.Factor] = Operation(
    method="PATCH", path="/api/v5/auth/factors/{factorId}", authorized=True
)

DELETE_FACTOR: Operation[auth.DeleteFactorResponse] = Operation(
    method="DELETE", path="/api/v5/auth/factors/{factorId}", authorized=True
)

UNDO_FACTOR: Operation[auth.UndoFactorResponse] = Operation(
    method="POST", path="/api/v5/auth/factors/undo"
)

START_FACTOR_RECOVERY: Operation[auth.StartFactorRecoveryResponse] = Operation(
    method="POST", path="/api/v5/auth/factors/recovery"
)

CONFIRM_FACTOR_RECOVERY: Operation[auth.ConfirmFactorRecoveryResponse] = Operation(
    method="POST", path="/api/v5/auth/factors/recovery/confirm"
)

LIST_GRANTS: Operation[Pages[auth.Grant]] = Operation(
    method="GET", path="/api/v5/oauth/grants", authorized=True, items="grants"
)

END_GRANT: Operation[auth.EndGrantResponse] = Operation(
    method="DELETE", path="/api/v5/oauth/grants/{grantId}", authorized=True
)

GET_JWKS: Operation[auth.GetJwksResponse] = Operation(
    method="GET", path="/.well-known/jwks.json", enveloped=False
)

LOGIN: Operation[auth.LoginResponse] = Operation(
    method="POST", path="/api/v5/auth/login", gives_tokens=True
)

LOGIN_WITH_SECOND_FACTOR: Operation[auth.LoginWithSecondFactorResponse] = Operation(
    method="POST", path="/api/v5/auth/login/second-factor", gives_tokens=True
)

START_PASSKEY_LOGIN: Operation[auth.StartPasskeyLoginResponse] = Operation(
    method="POST", path="/api/v5/auth/login/passkey/options"
)

LOGIN_WITH_PASSKEY: Operation[auth.LoginWithPasskeyResponse] = Operation(
    method="POST", path="/api/v5/auth/login/passkey", gives_tokens=True
)

REFRESH: Operation[auth.RefreshResponse] = Operation(
    method="POST", path="/api/v5/auth/refresh", gives_tokens=True
)

LOGOUT: Operation[auth.LogoutResponse] = Operation(
    method="POST", path="/api/v5/auth/logout", authorized=True, ends_login=True
)

REAUTHENTICATE: Operation[auth.ReauthenticateResponse] = Operation(
    method="POST", path="/api/v5/auth/reauthenticate", authorized=True, gives_tokens=True
)

LOGOUT_ALL: Operation[auth.LogoutAllResponse] = Operation(
    method="POST", path="/api/v5/auth/logout-all", authorized=True, ends_login=True
)

LIST_LOGINS: Operation[Pages[auth.Login]] = Operation(
    method="GET", path="/api/v5/auth/logins", authorized=True, items="logins"
)

END_LOGIN: Operation[auth.EndLoginResponse] = Operation(
    method="DELETE", path="/api/v5/auth/logins/{loginId}", authorized=True
)

SWITCH_TENANT: Operation[auth.SwitchTenantResponse] = Operation(
    method="POST", path="/api/v5/auth/switch-tenant", authorized=True, gives_tokens=True
)

TOKEN: Operation[auth.TokenResponse] = Operation(
    method="POST", path="/oauth/token", form=True, enveloped=False
)

PUSH_AUTHORIZATION: Operation[auth.PushAuthorizationResponse] = Operation(
    method="POST", path="/oauth/par", form=True, enveloped=False
)

REVOKE_TOKEN: Operation[auth.RevokeTokenResponse] = Operation(
    method="POST", path="/oauth/revoke", form=True, enveloped=False
)

INTROSPECT_TOKEN: Operation[auth.IntrospectTokenResponse] = Operation(
    method="POST", path="/oauth/introspect", form=True, enveloped=False
)

GET_USER_INFO: Operation[auth.GetUserInfoResponse] = Operation(
    method="GET", path="/oauth/userinfo", authorized=True, enveloped=False
)

POST_USER_INFO: Operation[auth.PostUserInfoResponse] = Operation(
    method="POST", path="/oauth/userinfo", authorized=True, form=True, enveloped=False
)

CREATE_CLIENT: Operation[auth.CreateClientResponse] = Operation(
    method="POST", path="/api/v5/tenants/{tenantId}/clients", authorized=True
)

LIST_CLIENTS: Operation[Pages[auth.OAuthClient]] = Operation(
    method="GET", path="/api/v5/tenants/{tenantId}/clients", authorized=True, items="clients"
)

GET_CLIENT: Operation[auth.OAuthClient] = Operation(
    method="GET", path="/api/v5/tenants/{tenantId}/clients/{clientId}", authorized=True
)

UPDATE_CLIENT: Operation[auth.OAuthClient] = Operation(
    method="PATCH", path="/api/v5/tenants/{tenantId}/clients/{clientId}", authorized=True
)

DELETE_CLIENT: Operation[auth.DeleteClientResponse] = Operation(
    method="DELETE", path="/api/v5/tenants/{tenantId}/clients/{clientId}", authorized=True
)

CREATE_CLIENT_SECRET: Operation[auth.CreateClientSecretResponse] = Operation(
    method="POST", path="/api/v5/tenants/{tenantId}/clients/{clientId}/secret", authorized=True
)

REGISTER_CLIENT: Operation[auth.RegisterClientResponse] = Operation(
    method="POST", path="/oauth/register", enveloped=False
)

LIST_OPERATOR_LOG: Operation[Pages[auth.OperatorAct]] = Operation(
    method="GET", path="/api/v5/operator/log", authorized=True, items="acts"
)

LIST_ACTIVITY: Operation[Pages[auth.SecurityEvent]] = Operation(
    method="GET", path="/api/v5/auth/me/activity", authorized=True, items="events"
)

LIST_USERS: Operation[Pages[auth.OperatedUser]] = Operation(
    method="GET", path="/api/v5/operator/users", authorized=True, items="users"
)

GET_USER: Operation[auth.OperatedUser] = Operation(
    method="GET", path="/api/v5/operator/users/{userId}", authorized=True
)

DELETE_USER: Operation[auth.DeleteUserResponse] = Operation(
    method="DELETE", path="/api/v5/operator/users/{userId}", authorized=True
)

LIST_USER_LOGINS: Operation[Pages[auth.Login]] = Operation(
    method="GET", path="/api/v5/operator/users/{userId}/logins", authorized=True, items="logins"
)

LIST_USER_ACTIVITY: Operation[Pages[auth.SecurityEvent]] = Operation(
    method="GET", path="/api/v5/operator/users/{userId}/activity", authorized=True, items="events"
)

EXPORT_USER: Operation[Any] = Operation(
    method="GET", path="/api/v5/operator/users/{userId}/export", authorized=True
)

DISABLE_USER: Operation[auth.OperatedUser] = Operation(
    method="POST", path="/api/v5/operator/users/{userId}/disable", authorized=True
)

ENABLE_USER: Operation[auth.OperatedUser] = Operation(
    method="POST", path="/api/v5/operator/users/{userId}/enable", authorized=True
)

UNLOCK_USER: Operation[auth.OperatedUser] = Operation(
    method="POST", path="/api/v5/operator/users/{userId}/unlock", authorized=True
)

LOG_OUT_USER: Operation[auth.OperatedUser] = Operation(
    method="POST", path="/api/v5/operator/users/{userId}/logout", authorized=True
)

RESET_USER_PASSWORD: Operation[auth.OperatedUser] = Operation(
    method="POST", path="/api/v5/operator/users/{userId}/reset-password", authorized=True
)

CORRECT_USER_EMAIL: Operation[auth.OperatedUser] = Operation(
    method="POST", path="/api/v5/operator/users/{userId}/email", authorized=True
)

REMOVE_USER_FACTORS: Operation[auth.OperatedUser] = Operation(
    method="POST", path="/api/v5/operator/users/{userId}/remove-factors", authorized=True
)

HOLD_USER: Operation[auth.OperatedUser] = Operation(
    method="POST", path="/api/v5/operator/users/{userId}/hold", authorized=True
)

RELEASE_USER: Operation[auth.OperatedUser] = Operation(
    method="POST", path="/api/v5/operator/users/{userId}/release", authorized=True
)

LIST_OPERATORS: Operation[Pages[auth.Operator]] = Operation(
    method="GET", path="/api/v5/operator/operators", authorized=True, items="operators"
)

START_PASSKEY: Operation[auth.StartPasskeyResponse] = Operation(
    method="POST", path="/api/v5/auth/factors/passkeys/options", authorized=True
)

CREATE_PASSKEY: Operation[auth.CreatePasskeyResponse] = Operation(
    method="POST", path="/api/v5/auth/factors/passkeys", authorized=True, gives_tokens=True
)

FORGOT_PASSWORD: Operation[auth.ForgotPasswordResponse] = Operation(
    method="POST", path="/api/v5/auth/password/forgot"
)

RESET_PASSWORD: Operation[auth.ResetPasswordResponse] = Operation(
    method="POST", path="/api/v5/auth/password/reset"
)

CREATE_PERSONAL_ACCESS_TOKEN: Operation[auth.CreatePersonalAccessTokenResponse] = Operation(
    method="POST", path="/api/v5/auth/tokens", authorized=True
)

LIST_PERSONAL_ACCESS_TOKENS: Operation[Pages[auth.PersonalAccessToken]] = Operation(
    method="GET", path="/api/v5/auth/tokens", authorized=True, items="personalAccessTokens"
)

DELETE_PERSONAL_ACCESS_TOKEN: Operation[auth.DeletePersonalAccessTokenResponse] = Operation(
    method="DELETE", path="/api/v5/auth/tokens/{tokenId}", authorized=True
)

CREATE_RECOVERY_CODES: Operation[auth.CreateRecoveryCodesResponse] = Operation(
    method="POST", path="/api/v5/auth/factors/recovery-codes", authorized=True
)

CREATE_SERVICE_ACCOUNT: Operation[auth.ServiceAccount] = Operation(
    method="POST", path="/api/v5/tenants/{tenantId}/service-accounts", authorized=True
)

LIST_SERVICE_ACCOUNTS: Operation[Pages[auth.ServiceAccount]] = Operation(
    method="GET",
    path="/api/v5/tenants/{tenantId}/service-accounts",
    authorized=True,
    items="serviceAccounts",
)

GET_SERVICE_ACCOUNT: Operation[auth.ServiceAccount] = Operation(
    method="GET", path="/api/v5/tenants/{tenantId}/service-accounts/{accountId}", authorized=True
)

UPDATE_SERVICE_ACCOUNT: Operation[auth.ServiceAccount] = Operation(
    method="PATCH", path="/api/v5/tenants/{tenantId}/service-accounts/{accountId}", authorized=True
)

DELETE_SERVICE_ACCOUNT: Operation[auth.DeleteServiceAccountResponse] = Operation(
    method="DELETE", path="/api/v5/tenants/{tenantId}/service-accounts/{accountId}", authorized=True
)

CREATE_SERVICE_ACCOUNT_KEY: Operation[auth.CreateServiceAccountKeyResponse] = Operation(
    method="POST",
    path="/api/v5/tenants/{tenantId}/service-accounts/{accountId}/keys",
    authorized=True,
)

LIST_SERVICE_ACCOUNT_KEYS: Operation[Pages[auth.ServiceAccountKey]] = Operation(
    method="GET",
    path="/api/v5/tenants/{tenantId}/service-accounts/{accountId}/keys",
    authorized=True,
    items="keys",
)

DELETE_SERVICE_ACCOUNT_KEY: Operation[auth.DeleteServiceAccountKeyResponse] = Operation(
    method="DELETE",
    path="/api/v5/tenants/{tenantId}/service-accounts/{accountId}/keys/{keyId}",
    authorized=True,
)

ENROLL_TOTP: Operation[auth.EnrollTotpResponse] = Operation(
    method="POST", path="/api/v5/auth/factors/totp", authorized=True
)

CONFIRM_TOTP: Operation[auth.ConfirmTotpResponse] = Operation(
    method="POST",
    path="/api/v5/auth/factors/totp/{factorId}/confirm",
    authorized=True,
    gives_tokens=True,
)

CREATE_WORKSPACE_TOKEN: Operation[auth.CreateWorkspaceTokenResponse] = Operation(
    method="POST", path="/api/v5/sessions/{sessionId}/token", authorized=True
)

LIST_WORKSPACE_TOKENS: Operation[auth.ListWorkspaceTokensResponse] = Operation(
    method="GET", path="/api/v5/sessions/{sessionId}/tokens", authorized=True
)

DELETE_WORKSPACE_TOKEN: Operation[auth.DeleteWorkspaceTokenResponse] = Operation(
    method="DELETE", path="/api/v5/sessions/{sessionId}/tokens/{tokenId}", authorized=True
)

CREATE_SESSION: Operation[sessions.Session] = Operation(
    method="POST", path="/api/v5/sessions", authorized=True, takes_key=True
)

LIST_SESSIONS: Operation[Pages[sessions.Session]] = Operation(
    method="GET", path="/api/v5/sessions", authorized=True, items="sessions"
)

DELETE_SESSIONS: Operation[sessions.DeleteSessionsResponse] = Operation(
    method="DELETE", path="/api/v5/sessions", authorized=True, takes_key=True
)

GET_SESSION: Operation[sessions.Session] = Operation(
    method="GET", path="/api/v5/sessions/{sessionId}", authorized=True
)

UPDATE_SESSION: Operation[sessions.Session] = Operation(
    method="PATCH", path="/api/v5/sessions/{sessionId}", authorized=True, takes_key=True
)

DELETE_SESSION: Operation[sessions.DeleteSessionResponse] = Operation(
    method="DELETE", path="/api/v5/sessions/{sessionId}", authorized=True, takes_key=True
)

LIST_AUDIT: Operation[Pages[tenants.AuditEntry]] = Operation(
    method="GET", path="/api/v5/tenants/{tenantId}/audit", authorized=True, items="entries"
)

EXPORT_AUDIT: Operation[Any] = Operation(
    method="GET", path="/api/v5/tenants/{tenantId}/audit/export", authorized=True
)

LIST_EVENTS: Operation[tenants.ListEventsResponse] = Operation(
    method="GET", path="/api/v5/tenants/{tenantId}/events", authorized=True
)

CREATE_TENANT: Operation[tenants.Tenant] = Operation(
    method="POST", path="/api/v5/tenants", authorized=True, takes_key=True
)

LIST_TENANTS: Operation[Pages[tenants.Tenant]] = Operation(
    method="GET", path="/api/v5/tenants", authorized=True, items="tenants"
)

GET_TENANT: Operation[tenants.Tenant] = Operation(
    method="GET", path="/api/v5/tenants/{tenantId}", authorized=True
)

UPDATE_TENANT: Operation[tenants.Tenant] = Operation(
    method="PATCH", path="/api/v5/tenants/{tenantId}", authorized=True, takes_key=True
)

DELETE_TENANT: Operation[tenants.DeleteTenantResponse] = Operation(
    method="DELETE", path="/api/v5/tenants/{tenantId}", authorized=True, takes_key=True
)

CREATE_INVITATION: Operation[tenants.Invitation] = Operation(
    method="POST", path="/api/v5/tenants/{tenantId}/invitations", authorized=True, takes_key=True
)

LIST_INVITATIONS: Operation[Pages[tenants.Invitation]] = Operation(
    method="GET",
    path="/api/v5/tenants/{tenantId}/invitations",
    authorized=True,
    items="invitations",
)

DELETE_INVITATION: Operation[tenants.DeleteInvitationResponse] = Operation(
    method="DELETE",
    path="/api/v5/tenants/{tenantId}/invitations/{invitationId}",
    authorized=True,
    takes_key=True,
)

RESEND_INVITATION: Operation[tenants.Invitation] = Operation(
    method="POST",
    path="/api/v5/tenants/{tenantId}/invitations/{invitationId}/resend",
    authorized=True,
    takes_key=True,
)

ACCEPT_INVITATION: Operation[tenants.Tenant] = Operation(
    method="POST", path="/api/v5/invitations/accept", authorized=True, takes_key=True
)

OPT_OUT: Operation[tenants.OptOutResponse] = Operation(
    method="POST", path="/api/v5/invitations/emails/opt-out"
)

OPT_OUT_BY_ONE_CLICK: Operation[tenants.OptOutByOneClickResponse] = Operation(
    method="POST", path="/api/v5/invitations/emails/opt-out/one-click"
)

LIST_MEMBERS: Operation[Pages[tenants.Member]] = Operation(
    method="GET", path="/api/v5/tenants/{tenantId}/members", authorized=True, items="members"
)

UPDATE_MEMBER: Operation[tenants.Member] = Operation(
    method="PATCH",
    path="/api/v5/tenants/{tenantId}/members/{userId}",
    authorized=True,
    takes_key=True,
)

REMOVE_MEMBER: Operation[tenants.RemoveMemberResponse] = Operation(
    method="DELETE",
    path="/api/v5/tenants/{tenantId}/members/{userId}",
    authorized=True,
    takes_key=True,
)

LIST_OPERATOR_TENANTS: Operation[Pages[tenants.OperatedTenant]] = Operation(
    method="GET", path="/api/v5/operator/tenants", authorized=True, items="tenants"
)

GET_OPERATOR_TENANT: Operation[tenants.OperatedTenant] = Operation(
    method="GET", path="/api/v5/operator/tenants/{tenantId}", authorized=True
)

LIST_OPERATOR_MEMBERS: Operation[Pages[tenants.Member]] = Operation(
    method="GET",
    path="/api/v5/operator/tenants/{tenantId}/members",
    authorized=True,
    items="members",
)

SUSPEND_OPERATOR_TENANT: Operation[tenants.OperatedTenant] = Operation(
    method="POST", path="/api/v5/operator/tenants/{tenantId}/suspend", authorized=True
)

RESUME_OPERATOR_TENANT: Operation[tenants.OperatedTenant] = Operation(
    method="POST", path="/api/v5/operator/tenants/{tenantId}/resume", authorized=True
)

HAND_OVER_OPERATOR_TENANT: Operation[tenants.Member] = Operation(
    method="POST", path="/api/v5/operator/tenants/{tenantId}/hand-over", authorized=True
)

GET_POLICY: Operation[tenants.Policy] = Operation(
    method="GET", path="/api/v5/tenants/{tenantId}/policy", authorized=True
)

UPDATE_POLICY: Operation[tenants.Policy] = Operation(
    method="PATCH", path="/api/v5/tenants/{tenantId}/policy", authorized=True, takes_key=True
)

CREATE_WEBHOOK: Operation[tenants.CreateWebhookResponse] = Operation(
    method="POST", path="/api/v5/tenants/{tenantId}/webhooks", authorized=True
)

LIST_WEBHOOKS: Operation[Pages[tenants.Webhook]] = Operation(
    method="GET", path="/api/v5/tenants/{tenantId}/webhooks", authorized=True, items="webhooks"
)

GET_WEBHOOK: Operation[tenants.Webhook] = Operation(
    method="GET", path="/api/v5/tenants/{tenantId}/webhooks/{webhookId}", authorized=True
)

UPDATE_WEBHOOK: Operation[tenants.Webhook] = Operation(
    method="PATCH", path="/api/v5/tenants/{tenantId}/webhooks/{webhookId}", authorized=True
)

DELETE_WEBHOOK: Operation[tenants.DeleteWebhookResponse] = Operation(
    method="DELETE", path="/api/v5/tenants/{tenantId}/webhooks/{webhookId}", authorized=True
)

ROTATE_WEBHOOK_SECRET: Operation[tenants.RotateWebhookSecretResponse] = Operation(
    method="POST", path="/api/v5/tenants/{tenantId}/webhooks/{webhookId}/secret", authorized=True
)

TEST_WEBHOOK: Operation[tenants.TestWebhookResponse] = Operation(
    method="POST", path="/api/v5/tenants/{tenantId}/webhooks/{webhookId}/test", authorized=True
)

LIST_FAILED_DELIVERIES: Operation[Pages[tenants.FailedDelivery]] = Operation(
    method="GET",
    path="/api/v5/tenants/{tenantId}/webhooks/{webhookId}/failed-deliveries",
    authorized=True,
    items="failedDeliveries",
)

REPLAY_WEBHOOK: Operation[tenants.ReplayWebhookResponse] = Operation(
    method="POST", path="/api/v5/tenants/{tenantId}/webhooks/{webhookId}/replay", authorized=True
)

GET_HEALTH: Operation[dict[str, Any]] = Operation(method="GET", path="/api/v5/health")

GET_READY: Operation[dict[str, Any]] = Operation(method="GET", path="/api/v5/ready")

"""One stub for all public services of a context, which run in one process."""

from typing import Any

from coditect.auth.v5.accounts_pb2_grpc import AccountsServiceStub
from coditect.auth.v5.authorizations_pb2_grpc import AuthorizationsServiceStub
from coditect.auth.v5.device_login_pb2_grpc import DeviceLoginServiceStub
from coditect.auth.v5.discovery_pb2_grpc import DiscoveryServiceStub
from coditect.auth.v5.email_addresses_pb2_grpc import EmailAddressesServiceStub
from coditect.auth.v5.factors_pb2_grpc import FactorsServiceStub
from coditect.auth.v5.grants_pb2_grpc import GrantsServiceStub
from coditect.auth.v5.keys_pb2_grpc import KeysServiceStub
from coditect.auth.v5.logins_pb2_grpc import LoginsServiceStub
from coditect.auth.v5.oauth_clients_pb2_grpc import OAuthClientsServiceStub
from coditect.auth.v5.oauth_pages_pb2_grpc import OAuthPagesServiceStub
from coditect.auth.v5.oauth_pb2_grpc import OAuthServiceStub
from coditect.auth.v5.operator_log_pb2_grpc import OperatorLogServiceStub
from coditect.auth.v5.operator_users_pb2_grpc import OperatorUsersServiceStub
from coditect.auth.v5.operators_pb2_grpc import OperatorsServiceStub
from coditect.auth.v5.passkeys_pb2_grpc import PasskeysServiceStub
from coditect.auth.v5.password_reset_pb2_grpc import PasswordResetServiceStub
from coditect.auth.v5.personal_access_tokens_pb2_grpc import PersonalAccessTokensServiceStub
from coditect.auth.v5.recovery_codes_pb2_grpc import RecoveryCodesServiceStub
from coditect.auth.v5.security_log_pb2_grpc import SecurityLogServiceStub
from coditect.auth.v5.service_accounts_pb2_grpc import ServiceAccountsServiceStub
from coditect.auth.v5.totp_pb2_grpc import TotpServiceStub
from coditect.auth.v5.workspace_tokens_pb2_grpc import WorkspaceTokensServiceStub
from coditect.tenants.v5.audit_pb2_grpc import AuditServiceStub
from coditect.tenants.v5.events_pb2_grpc import EventsServiceStub
from coditect.tenants.v5.invitations_pb2_grpc import InvitationsServiceStub
from coditect.tenants.v5.members_pb2_grpc import MembersServiceStub
from coditect.tenants.v5.operator_tenants_pb2_grpc import OperatorTenantsServiceStub
from coditect.tenants.v5.policies_pb2_grpc import PoliciesServiceStub
from coditect.tenants.v5.tenants_pb2_grpc import TenantsServiceStub
from coditect.tenants.v5.webhooks_pb2_grpc import WebhooksServiceStub


class AuthStub(
    AccountsServiceStub,
    LoginsServiceStub,
    KeysServiceStub,
    DiscoveryServiceStub,
    EmailAddressesServiceStub,
    PasswordResetServiceStub,
    SecurityLogServiceStub,
    FactorsServiceStub,
    TotpServiceStub,
    RecoveryCodesServiceStub,
    PasskeysServiceStub,
    WorkspaceTokensServiceStub,
    PersonalAccessTokensServiceStub,
    ServiceAccountsServiceStub,
    OAuthClientsServiceStub,
    DeviceLoginServiceStub,
    OAuthPagesServiceStub,
    AuthorizationsServiceStub,
    OAuthServiceStub,
    GrantsServiceStub,
    OperatorsServiceStub,
    OperatorLogServiceStub,
    OperatorUsersServiceStub,
):
    """Every public method of auth."""

    def __init__(self, channel: Any) -> None:
        for service in AuthStub.__bases__:
            service.__init__(self, channel)


class TenantsStub(
    TenantsServiceStub,
    MembersServiceStub,
    PoliciesServiceStub,
    InvitationsServiceStub,
    AuditServiceStub,
    OperatorTenantsServiceStub,
    EventsServiceStub,
    WebhooksServiceStub,
):
    """Every public method of tenants."""

    def __init__(self, channel: Any) -> None:
        for service in TenantsStub.__bases__:
            service.__init__(self, channel)

import { type ComponentType, lazy } from "react";
import { Navigate, Route, Routes } from "react-router";

import { LoginPage } from "../auth/logins/login_page";
import { NotFoundPage } from "./not_found_page";
import { Frame, PublicLayout, UserLayout } from "./shell";

/** A page that is loaded when it is opened first: a module exports it by its name. */
function page<Name extends string>(load: () => Promise<Record<Name, ComponentType>>, name: Name) {
  return lazy(async () => ({ default: (await load())[name] }));
}

const RegisterPage = page(() => import("../auth/accounts/register_page"), "RegisterPage");
const ForgotPasswordPage = page(() => import("../auth/password_reset/forgot_password_page"), "ForgotPasswordPage");
const VerifyEmailPage = page(() => import("../auth/email_addresses/verify_email_page"), "VerifyEmailPage");
const ConfirmRegistrationPage = page(
  () => import("../auth/email_addresses/confirm_registration_page"),
  "ConfirmRegistrationPage",
);
const ChangeEmailPage = page(() => import("../auth/email_addresses/change_email_page"), "ChangeEmailPage");
const UndoEmailPage = page(() => import("../auth/email_addresses/undo_email_page"), "UndoEmailPage");
const ResetPasswordPage = page(() => import("../auth/password_reset/reset_password_page"), "ResetPasswordPage");
const RecoverFactorsPage = page(() => import("../auth/factors/recover_factors_page"), "RecoverFactorsPage");
const UndoFactorPage = page(() => import("../auth/factors/undo_factor_page"), "UndoFactorPage");
const AcceptInvitationPage = page(() => import("../tenants/invitations/accept_invitation_page"), "AcceptInvitationPage");
const OptOutPage = page(() => import("../tenants/invitations/opt_out_page"), "OptOutPage");
const AuthorizePage = page(() => import("../auth/authorizations/authorize_page"), "AuthorizePage");
const DevicePage = page(() => import("../auth/device_login/device_page"), "DevicePage");
const SessionsPage = page(() => import("../sessions/sessions_page"), "SessionsPage");
const ProfilePage = page(() => import("../auth/accounts/profile_page"), "ProfilePage");
const SecurityPage = page(() => import("../auth/factors/security_page"), "SecurityPage");
const DevicesPage = page(() => import("../auth/logins/devices_page"), "DevicesPage");
const ActivityPage = page(() => import("../auth/security_log/activity_page"), "ActivityPage");
const SessionPage = page(() => import("../sessions/session_page"), "SessionPage");
const TeamsPage = page(() => import("../tenants/organizations/teams_page"), "TeamsPage");
const TeamLayout = page(() => import("../tenants/organizations/team_layout"), "TeamLayout");
const OrganizationLayout = page(() => import("../tenants/organizations/team_layout"), "OrganizationLayout");
const MembersPage = page(() => import("../tenants/members/members_page"), "MembersPage");
const TeamInvitationsPage = page(() => import("../tenants/invitations/team_invitations_page"), "TeamInvitationsPage");
const PolicyPage = page(() => import("../tenants/policies/policy_page"), "PolicyPage");
const ServiceAccountsPage = page(() => import("../auth/service_accounts/service_accounts_page"), "ServiceAccountsPage");
const ServiceAccountPage = page(() => import("../auth/service_accounts/service_account_page"), "ServiceAccountPage");
const ClientsPage = page(() => import("../auth/oauth_clients/clients_page"), "ClientsPage");
const NewClientPage = page(() => import("../auth/oauth_clients/new_client_page"), "NewClientPage");
const ClientPage = page(() => import("../auth/oauth_clients/client_page"), "ClientPage");
const AuditPage = page(() => import("../tenants/audit/audit_page"), "AuditPage");
const WebhooksPage = page(() => import("../tenants/webhooks/webhooks_page"), "WebhooksPage");
const TeamSettingsPage = page(() => import("../tenants/organizations/team_settings_page"), "TeamSettingsPage");
const TokensPage = page(() => import("../auth/personal_access_tokens/tokens_page"), "TokensPage");
const ProgramsPage = page(() => import("../auth/grants/programs_page"), "ProgramsPage");

/** The addresses of the console. Those of emails are named by `ACCOUNT_LINK` and `INVITATION_LINK`. */
export function Pages() {
  return (
    <Routes>
      <Route element={<Frame />}>
        <Route element={<PublicLayout />}>
          <Route path="/login" element={<LoginPage />} />
          <Route path="/register" element={<RegisterPage />} />
          <Route path="/forgot-password" element={<ForgotPasswordPage />} />
          <Route path="/verify-email" element={<VerifyEmailPage />} />
          <Route path="/confirm-registration" element={<ConfirmRegistrationPage />} />
          <Route path="/change-email" element={<ChangeEmailPage />} />
          <Route path="/undo-email" element={<UndoEmailPage />} />
          <Route path="/reset-password" element={<ResetPasswordPage />} />
          <Route path="/recover-factors" element={<RecoverFactorsPage />} />
          <Route path="/undo-factor" element={<UndoFactorPage />} />
          <Route path="/invitations" element={<AcceptInvitationPage />} />
          <Route path="/invitations/opt-out" element={<OptOutPage />} />
          <Route path="/device" element={<DevicePage />} />
          <Route path="/authorize" element={<AuthorizePage />} />
          <Route path="*" element={<NotFoundPage />} />
        </Route>
        <Route element={<UserLayout />}>
          <Route path="/" element={<Navigate to="/sessions" replace />} />
          <Route path="/sessions" element={<SessionsPage />} />
          <Route path="/account" element={<ProfilePage />} />
          <Route path="/account/security" element={<SecurityPage />} />
          <Route path="/account/devices" element={<DevicesPage />} />
          <Route path="/account/activity" element={<ActivityPage />} />
          <Route path="/sessions/:sessionId" element={<SessionPage />} />
          <Route path="/teams" element={<TeamsPage />} />
          <Route path="/teams/:tenantId" element={<TeamLayout />}>
            <Route element={<OrganizationLayout />}>
              <Route index element={<MembersPage />} />
              <Route path="invitations" element={<TeamInvitationsPage />} />
              <Route path="policy" element={<PolicyPage />} />
              <Route path="service-accounts" element={<ServiceAccountsPage />} />
              <Route path="service-accounts/:accountId" element={<ServiceAccountPage />} />
              <Route path="webhooks" element={<WebhooksPage />} />
              <Route path="settings" element={<TeamSettingsPage />} />
            </Route>
            <Route path="clients" element={<ClientsPage />} />
            <Route path="clients/new" element={<NewClientPage />} />
            <Route path="clients/:clientId" element={<ClientPage />} />
            <Route path="audit" element={<AuditPage />} />
          </Route>
          <Route path="/account/tokens" element={<TokensPage />} />
          <Route path="/account/programs" element={<ProgramsPage />} />
        </Route>
      </Route>
    </Routes>
  );
}

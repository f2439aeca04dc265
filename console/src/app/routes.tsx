import { type ComponentType, lazy } from "react";
import { Navigate, Route, Routes } from "react-router";

import { LoginPage } from "../auth/logins/login_page";
import { NotFoundPage } from "./not_found_page";
import { Frame, PublicLayout, UserLayout } from "./shell";

/** A page that is loaded when it is opened first: a module exports it by its name. */
function page<Name extends string>(load: () => Promise<Record<Name, ComponentType>>, name: Name) {
  return lazy(async () => ({ default: (await load())[name] }));
}

const SessionsPage = page(() => import("../sessions/sessions_page"), "SessionsPage");
const ProfilePage = page(() => import("../auth/accounts/profile_page"), "ProfilePage");
const SecurityPage = page(() => import("../auth/factors/security_page"), "SecurityPage");
const DevicesPage = page(() => import("../auth/logins/devices_page"), "DevicesPage");
const ActivityPage = page(() => import("../auth/security_log/activity_page"), "ActivityPage");
const TeamsPage = page(() => import("../tenants/organizations/teams_page"), "TeamsPage");
const TeamLayout = page(() => import("../tenants/organizations/team_layout"), "TeamLayout");
const OrganizationLayout = page(() => import("../tenants/organizations/team_layout"), "OrganizationLayout");
const MembersPage = page(() => import("../tenants/members/members_page"), "MembersPage");
const TeamInvitationsPage = page(() => import("../tenants/invitations/team_invitations_page"), "TeamInvitationsPage");
const PolicyPage = page(() => import("../tenants/policies/policy_page"), "PolicyPage");
const AuditPage = page(() => import("../tenants/audit/audit_page"), "AuditPage");
const TeamSettingsPage = page(() => import("../tenants/organizations/team_settings_page"), "TeamSettingsPage");

/** The addresses of the console. Those of emails are named by `ACCOUNT_LINK` and `INVITATION_LINK`. */
export function Pages() {
  return (
    <Routes>
      <Route element={<Frame />}>
        <Route element={<PublicLayout />}>
          <Route path="/login" element={<LoginPage />} />
          <Route path="*" element={<NotFoundPage />} />
        </Route>
        <Route element={<UserLayout />}>
          <Route path="/" element={<Navigate to="/sessions" replace />} />
          <Route path="/sessions" element={<SessionsPage />} />
          <Route path="/account" element={<ProfilePage />} />
          <Route path="/account/security" element={<SecurityPage />} />
          <Route path="/account/devices" element={<DevicesPage />} />
          <Route path="/account/activity" element={<ActivityPage />} />
          <Route path="/teams" element={<TeamsPage />} />
          <Route path="/teams/:tenantId" element={<TeamLayout />}>
            <Route element={<OrganizationLayout />}>
              <Route index element={<MembersPage />} />
              <Route path="invitations" element={<TeamInvitationsPage />} />
              <Route path="policy" element={<PolicyPage />} />
              <Route path="settings" element={<TeamSettingsPage />} />
            </Route>
            <Route path="audit" element={<AuditPage />} />
          </Route>
        </Route>
      </Route>
    </Routes>
  );
}

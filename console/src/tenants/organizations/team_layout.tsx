import { isCode } from "@coditect/client";
import { Suspense } from "react";
import { Link } from "react-aria-components";
import { Navigate, NavLink, Outlet, useParams } from "react-router";

import { coditect, useUser } from "../../app/client";
import { useLoad, useSubmit } from "../../app/loading";
import { useProof } from "../../auth/logins/proof";
import { organizations } from "../../texts/organizations";
import { useTexts } from "../../texts/catalogue";
import { Button, LinkButton } from "../../ui/button";
import { ErrorNotice, Notice } from "../../ui/notice";
import { Badge, Page } from "../../ui/page";
import { Loading, Ready } from "../../ui/states";
import { RoleBadge } from "../memberships/role_fields";
import { type Role, useRole } from "../memberships/roles";
import "./team.css";

/** What surrounds the pages of a team: they are shown once it is the active tenant. */
export function TeamLayout() {
  const { tenantId = "" } = useParams();
  const { tenant } = useUser();
  return tenant.tenantId === tenantId ? <ActiveTeam /> : <OtherTeam key={tenantId} tenantId={tenantId} />;
}

function ActiveTeam() {
  const texts = useTexts(organizations);
  const { tenant } = useUser();
  return (
    <div className="team">
      <header>
        <div className="row">
          <Link href="/teams">{texts.all}</Link>
          <span className="muted" aria-hidden="true">
            /
          </span>
          <span className="name">{tenant.kind === "self" ? texts.personal : tenant.name}</span>
          <RoleBadge role={tenant.role} />
          {tenant.state === "suspended" && <Badge look="warning">{texts.suspended}</Badge>}
        </div>
        <Sections />
      </header>
      {tenant.state === "suspended" && <Notice look="warning">{texts.suspendedNote}</Notice>}
      <Suspense fallback={<Loading />}>
        <Outlet />
      </Suspense>
    </div>
  );
}

type Kind = "self" | "organization";

/** The pages of a tenant: the roles that see them, and the kinds of tenants that have them. */
const SECTIONS = [
  ["", "members", "member", ["organization"]],
  ["/invitations", "invitations", "admin", ["organization"]],
  ["/policy", "policy", "member", ["organization"]],
  ["/service-accounts", "serviceAccounts", "admin", ["organization"]],
  ["/clients", "clients", "admin", ["organization", "self"]],
  ["/webhooks", "webhooks", "admin", ["organization"]],
  ["/audit", "audit", "admin", ["organization", "self"]],
  ["/settings", "settings", "member", ["organization"]],
] as const satisfies readonly (readonly [string, string, Role, readonly Kind[]])[];

function Sections() {
  const texts = useTexts(organizations);
  const { tenant } = useUser();
  const { may } = useRole();
  return (
    <nav className="sections" aria-label={texts.sections}>
      {SECTIONS.filter(([, , least, kinds]) => may(least) && (kinds as readonly Kind[]).includes(tenant.kind)).map(
        ([path, name]) => (
          <NavLink key={name} to={`/teams/${tenant.tenantId}${path}`} end={path === ""}>
            {texts[name]}
          </NavLink>
        ),
      )}
    </nav>
  );
}

/** For pages that only an organization has. */
export function OrganizationLayout() {
  const { tenant } = useUser();
  return tenant.kind === "organization" ? <Outlet /> : <Navigate to={`/teams/${tenant.tenantId}/clients`} replace />;
}

/** A team of the user in which they do not act now: a switch helps. */
function OtherTeam({ tenantId }: { tenantId: string }) {
  const texts = useTexts(organizations);
  const prove = useProof();
  const team = useLoad((signal) => coditect.get("/api/v5/tenants/{tenantId}", { params: { path: { tenantId } }, signal }), tenantId);
  const change = useSubmit(() => prove(() => coditect.switchTenant(tenantId)));
  if (isCode(team.error, "TENANT_NOT_FOUND", "INVALID_REQUEST")) {
    return (
      <Page title={texts.notFound}>
        <div className="row">
          <LinkButton to="/teams">{texts.all}</LinkButton>
        </div>
      </Page>
    );
  }
  const name = team.data && (team.data.kind === "self" ? texts.personal : team.data.name);
  return (
    <Page title={name ?? texts.title}>
      <Ready of={team}>
        {() => (
          <>
            <Notice>{texts.other(name ?? "")}</Notice>
            <ErrorNotice error={change.error} />
            <div className="row">
              <Button look="primary" onPress={() => void change.submit()} pending={change.pending}>
                {texts.otherAction(name ?? "")}
              </Button>
              <LinkButton to="/teams">{texts.all}</LinkButton>
            </div>
          </>
        )}
      </Ready>
    </Page>
  );
}

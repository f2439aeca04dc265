import { Link } from "react-aria-components";

import { coditect, useUser } from "../../app/client";
import { useList } from "../../app/loading";
import { RequireRole } from "../../tenants/memberships/role_fields";
import { useRole } from "../../tenants/memberships/roles";
import { oauthClients } from "../../texts/oauth_clients";
import { useTexts } from "../../texts/catalogue";
import { LinkButton } from "../../ui/button";
import { Badge, Card, Page } from "../../ui/page";
import { Rows } from "../../ui/states";
import { ExactTime } from "../../ui/time";
import { ScopeBadges } from "../scopes/scope_fields";
import type { OAuthClient } from "./oauth_client";

export function ClientsPage() {
  const texts = useTexts(oauthClients);
  return (
    <RequireRole least="admin" title={texts.title}>
      <ClientList />
    </RequireRole>
  );
}

function ClientList() {
  const texts = useTexts(oauthClients);
  const { tenantId, name } = useUser().tenant;
  const { mayChange } = useRole();
  const list = useList(async (pageToken, signal) => {
    const params = { path: { tenantId }, query: pageToken ? { pageToken } : {} };
    const page = await coditect.get("/api/v5/tenants/{tenantId}/clients", { params, ...(signal && { signal }) });
    return { items: page.clients, nextPageToken: page.nextPageToken };
  }, tenantId);
  return (
    <Page
      title={texts.title}
      context={name}
      actions={
        mayChange("admin") && (
          <LinkButton to={`/teams/${tenantId}/clients/new`} look="primary">
            {texts.create}
          </LinkButton>
        )
      }
    >
      <p className="muted">{texts.what}</p>
      <Card>
        <Rows of={list} label={texts.title} keyOf={(one) => one.clientId} empty={texts.none}>
          {(one) => <Row client={one} />}
        </Rows>
      </Card>
    </Page>
  );
}

function Row({ client }: { client: OAuthClient }) {
  const texts = useTexts(oauthClients);
  const { tenantId } = useUser().tenant;
  return (
    <>
      <div className="what">
        <Link href={`/teams/${tenantId}/clients/${client.clientId}`}>
          <bdi>{client.name}</bdi>
        </Link>
        <p className="small muted">
          {texts.methods[client.authMethod]} · {texts.registered} <ExactTime value={client.createTime} />
        </p>
        <ScopeBadges scopes={client.scopes} />
      </div>
      <Badge look={client.kind === "confidential" ? "good" : ""}>{texts.kinds[client.kind]}</Badge>
    </>
  );
}

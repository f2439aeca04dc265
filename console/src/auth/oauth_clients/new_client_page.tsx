import type { components } from "@coditect/client";
import { useState } from "react";
import { useNavigate } from "react-router";

import { coditect, useUser } from "../../app/client";
import { RequireRole } from "../../tenants/memberships/role_fields";
import { common } from "../../texts/common";
import { oauthClients } from "../../texts/oauth_clients";
import { useTexts } from "../../texts/catalogue";
import { useAnnounce } from "../../ui/announce";
import { LinkButton } from "../../ui/button";
import { Card, Page } from "../../ui/page";
import { useProof } from "../logins/proof";
import { ClientForm } from "./client_form";
import type { NewClient } from "./oauth_client";
import { SecretDialog } from "./secret_dialog";

type Created = components["schemas"]["auth.CreateClientResponse"];

export function NewClientPage() {
  const texts = useTexts(oauthClients);
  return (
    <RequireRole least="admin" title={texts.create}>
      <NewClientForm />
    </RequireRole>
  );
}

/** Registers a client, shows its secret if it has one, and goes to its page. */
function NewClientForm() {
  const texts = useTexts(oauthClients);
  const buttons = useTexts(common);
  const announce = useAnnounce();
  const navigate = useNavigate();
  const prove = useProof();
  const { tenantId, name } = useUser().tenant;
  const [created, setCreated] = useState<Created | undefined>();
  const list = `/teams/${tenantId}/clients`;
  const show = ({ client }: Created) => void navigate(`${list}/${client.clientId}`, { replace: true });
  const create = async (body: NewClient) => {
    const made = await prove(() => coditect.post("/api/v5/tenants/{tenantId}/clients", { params: { path: { tenantId } }, body }));
    announce(texts.createdDone);
    if (made.clientSecret) setCreated(made);
    else show(made);
  };
  return (
    <Page title={texts.create} context={name}>
      <Card>
        <ClientForm
          action={texts.createAction}
          beside={<LinkButton to={list}>{buttons.cancel}</LinkButton>}
          onSubmit={create}
        />
      </Card>
      {created?.clientSecret && (
        <SecretDialog clientId={created.client.clientId} secret={created.clientSecret} onClose={() => show(created)} />
      )}
    </Page>
  );
}

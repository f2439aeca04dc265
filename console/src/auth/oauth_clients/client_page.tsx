import { isCode } from "@coditect/client";
import { useState } from "react";
import { useNavigate, useParams } from "react-router";

import { coditect, useUser } from "../../app/client";
import { useLoad } from "../../app/loading";
import { RequireRole } from "../../tenants/memberships/role_fields";
import { useRole } from "../../tenants/memberships/roles";
import { common } from "../../texts/common";
import { oauthClients } from "../../texts/oauth_clients";
import { useTexts } from "../../texts/catalogue";
import { useAnnounce } from "../../ui/announce";
import { Button, LinkButton } from "../../ui/button";
import { Confirm } from "../../ui/dialog";
import { Card, Page } from "../../ui/page";
import { CopyButton } from "../../ui/secret";
import { Ready } from "../../ui/states";
import { useProof } from "../logins/proof";
import { ClientFacts } from "./client_facts";
import { ClientForm } from "./client_form";
import { CLIENT, type NewClient, type OAuthClient, hasSecret } from "./oauth_client";
import { SecretsCard } from "./secrets_card";

export function ClientPage() {
  const texts = useTexts(oauthClients);
  return (
    <RequireRole least="admin" title={texts.one}>
      <Client />
    </RequireRole>
  );
}

function Client() {
  const texts = useTexts(oauthClients);
  const { clientId = "" } = useParams();
  const { tenantId, name: team } = useUser().tenant;
  const client = useLoad((signal) => coditect.get(CLIENT, { params: { path: { tenantId, clientId } }, signal }), clientId);
  const change = (next: OAuthClient) => client.replace(() => next);
  const missing = isCode(client.error, "CLIENT_NOT_FOUND", "INVALID_REQUEST");
  return (
    <Page
      title={missing ? texts.notFound : (client.data?.name ?? texts.one)}
      context={team}
      actions={<LinkButton to={`/teams/${tenantId}/clients`}>{texts.all}</LinkButton>}
    >
      {missing ? (
        <p>{texts.notFoundWhy}</p>
      ) : (
        <Ready of={client}>
          {(found) => (
            <>
              <ClientCard client={found} onChanged={change} />
              {hasSecret(found.authMethod) && <SecretsCard client={found} onChanged={change} />}
            </>
          )}
        </Ready>
      )}
    </Page>
  );
}

interface CardProps {
  client: OAuthClient;
  onChanged: (client: OAuthClient) => void;
}

/** The facts of a client; in their place the form, while they are edited. */
function ClientCard({ client, onChanged }: CardProps) {
  const texts = useTexts(oauthClients);
  const { mayChange } = useRole();
  const [doing, setDoing] = useState<"edit" | "remove" | undefined>();
  const close = () => setDoing(undefined);
  return (
    <Card title={doing === "edit" ? texts.edit : texts.facts}>
      {doing === "edit" ? (
        <EditForm client={client} onChanged={onChanged} onClose={close} />
      ) : (
        <>
          <ClientFacts client={client} />
          <div className="row">
            <CopyButton label={texts.id} value={client.clientId} text={texts.copyId} />
            {mayChange("admin") && <Button onPress={() => setDoing("edit")}>{texts.edit}</Button>}
            {mayChange("admin") && (
              <Button look="danger" onPress={() => setDoing("remove")}>
                {texts.remove}
              </Button>
            )}
          </div>
        </>
      )}
      {doing === "remove" && <RemoveDialog client={client} onClose={close} />}
    </Card>
  );
}

function EditForm({ client, onChanged, onClose }: CardProps & { onClose: () => void }) {
  const texts = useTexts(oauthClients);
  const buttons = useTexts(common);
  const announce = useAnnounce();
  const prove = useProof();
  const { tenantId } = useUser().tenant;
  const save = async (values: NewClient) => {
    const params = { path: { tenantId, clientId: client.clientId } };
    onChanged(await prove(() => coditect.patch(CLIENT, { params, body: changesOf(client, values) })));
    announce(texts.changed);
    onClose();
  };
  return (
    <>
      <p className="small muted">{texts.changeText}</p>
      <ClientForm
        present={client}
        action={buttons.save}
        beside={<Button onPress={onClose}>{buttons.cancel}</Button>}
        onSubmit={save}
      />
    </>
  );
}

/** Only what was changed here: so it replaces nothing that another admin has changed meanwhile. */
function changesOf(client: OAuthClient, { authMethod: _, serviceAccountId = "", ...values }: NewClient) {
  const next = { ...values, serviceAccountId };
  const before: Record<string, unknown> = { ...client, serviceAccountId: client.serviceAccountId ?? "" };
  const changed = Object.entries(next).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name]));
  return Object.fromEntries(changed) as Partial<typeof next>;
}

function RemoveDialog({ client, onClose }: { client: OAuthClient; onClose: () => void }) {
  const texts = useTexts(oauthClients);
  const announce = useAnnounce();
  const navigate = useNavigate();
  const prove = useProof();
  const { tenantId } = useUser().tenant;
  const remove = async () => {
    await prove(() => coditect.delete(CLIENT, { params: { path: { tenantId, clientId: client.clientId } } }));
    announce(texts.removed);
    await navigate(`/teams/${tenantId}/clients`);
  };
  return (
    <Confirm title={texts.removeTitle(client.name)} action={texts.remove} onConfirm={remove} onClose={onClose}>
      <p>{texts.removeText}</p>
    </Confirm>
  );
}

import { useState } from "react";

import { coditect, useUser } from "../../app/client";
import { useSubmit } from "../../app/loading";
import { useRole } from "../../tenants/memberships/roles";
import { common } from "../../texts/common";
import { oauthClients } from "../../texts/oauth_clients";
import { useTexts } from "../../texts/catalogue";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Form, Select } from "../../ui/form";
import { Card } from "../../ui/page";
import { ExactTime } from "../../ui/time";
import { useProof } from "../logins/proof";
import type { OAuthClient } from "./oauth_client";
import { SecretDialog } from "./secret_dialog";

interface Props {
  client: OAuthClient;
  onChanged: (client: OAuthClient) => void;
}

/** When the secrets of a client were made, and a new one. */
export function SecretsCard({ client, onChanged }: Props) {
  const texts = useTexts(oauthClients);
  const { mayChange } = useRole();
  const [making, setMaking] = useState(false);
  const newestFirst = [...client.secrets].reverse();
  const action = mayChange("admin") && <Button onPress={() => setMaking(true)}>{texts.newSecret}</Button>;
  return (
    <Card title={texts.secrets} actions={action}>
      <ul className="plain">
        {newestFirst.map(({ createTime, expireTime }, index) => (
          <li key={createTime}>
            {index === 0 ? texts.secretPresent : texts.secretBefore}: <ExactTime value={createTime} />
            {expireTime && (
              <>
                , {texts.secretEnds}: <ExactTime value={expireTime} />
              </>
            )}
          </li>
        ))}
      </ul>
      {making && <NewSecretDialog client={client} onClose={() => setMaking(false)} onChanged={onChanged} />}
    </Card>
  );
}

/** Makes a secret, asks how long the one before is good, and shows the new one once. */
function NewSecretDialog({ client, onClose, onChanged }: Props & { onClose: () => void }) {
  const texts = useTexts(oauthClients);
  const buttons = useTexts(common);
  const prove = useProof();
  const { tenantId } = useUser().tenant;
  const [secret, setSecret] = useState<string | undefined>();
  const submission = useSubmit(async (keepSeconds: number) => {
    const params = { path: { tenantId, clientId: client.clientId } };
    const path = "/api/v5/tenants/{tenantId}/clients/{clientId}/secret";
    const made = await prove(() => coditect.post(path, { params, body: { keepSeconds } }));
    setSecret(made.clientSecret);
    onChanged(made.client);
  });
  if (secret !== undefined) return <SecretDialog clientId={client.clientId} secret={secret} onClose={onClose} />;
  return (
    <Dialog title={texts.newSecretTitle(client.name)} onClose={onClose}>
      <p>{texts.newSecretText}</p>
      <Form
        submission={submission}
        onSubmit={({ keep }) => void submission.submit(Number(keep))}
        action={texts.newSecretAction}
        beside={<Button onPress={onClose}>{buttons.cancel}</Button>}
      >
        <Select name="keep" label={texts.keep} options={Object.entries(texts.keeps)} defaultValue="86400" />
      </Form>
    </Dialog>
  );
}

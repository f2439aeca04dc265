import { useState } from "react";

import { coditect, useUser } from "../../app/client";
import { useSubmit } from "../../app/loading";
import { useProof } from "../../auth/logins/proof";
import { common } from "../../texts/common";
import { webhooks } from "../../texts/webhooks";
import { useTexts } from "../../texts/catalogue";
import { Button } from "../../ui/button";
import { Confirm, Dialog } from "../../ui/dialog";
import { Form, TextField } from "../../ui/form";
import { CopyField, ShownOnce } from "../../ui/secret";
import { useParams, WEBHOOK, type Webhook } from "./webhook";

interface Props {
  onClose: () => void;
  onChanged: () => void;
}

/** Makes a webhook, and shows its secret once. */
export function NewWebhookDialog({ onClose, onChanged }: Props) {
  const texts = useTexts(webhooks);
  const buttons = useTexts(common);
  const prove = useProof();
  const { tenantId } = useUser().tenant;
  const [secret, setSecret] = useState<string | undefined>();
  const submission = useSubmit(async (name: string, url: string) => {
    const params = { path: { tenantId } };
    const made = await prove(() => coditect.post("/api/v5/tenants/{tenantId}/webhooks", { params, body: { name, url } }));
    setSecret(made.secret);
    onChanged();
  });
  if (secret) return <SecretDialog secret={secret} onClose={onClose} />;
  return (
    <Dialog title={texts.create} onClose={onClose}>
      <Form
        submission={submission}
        onSubmit={({ name, url }) => void submission.submit(name ?? "", url ?? "")}
        action={texts.createAction}
        beside={<Button onPress={onClose}>{buttons.cancel}</Button>}
      >
        <TextField name="name" label={texts.name} description={texts.nameHint} maxLength={100} autoComplete="off" autoFocus />
        <TextField name="url" label={texts.url} description={texts.urlHint} maxLength={500} autoComplete="off" />
      </Form>
    </Dialog>
  );
}

/** Gives a webhook another secret, and shows it once. */
export function RotateDialog({ webhook, onClose, onChanged }: Props & { webhook: Webhook }) {
  const texts = useTexts(webhooks);
  const prove = useProof();
  const params = useParams()(webhook);
  const [secret, setSecret] = useState<string | undefined>();
  if (secret) return <SecretDialog secret={secret} onClose={onClose} />;
  const rotate = async () => {
    const made = await prove(() => coditect.post(`${WEBHOOK}/secret`, { params }));
    setSecret(made.secret);
    onChanged();
  };
  const close = () => secret || onClose();
  return (
    <Confirm title={texts.rotateTitle(webhook.name)} action={texts.rotate} look="primary" onConfirm={rotate} onClose={close}>
      <p>{texts.rotateText}</p>
    </Confirm>
  );
}

function SecretDialog({ secret, onClose }: { secret: string; onClose: () => void }) {
  const texts = useTexts(webhooks);
  return (
    <ShownOnce title={texts.secretTitle} why={texts.secretWhy} onClose={onClose}>
      <CopyField label={texts.secret} value={secret} />
    </ShownOnce>
  );
}

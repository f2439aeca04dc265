import type { components } from "@coditect/client";
import { useState } from "react";

import { coditect } from "../../app/client";
import { useSubmit } from "../../app/loading";
import { common } from "../../texts/common";
import { serviceAccounts } from "../../texts/service_accounts";
import { useTexts } from "../../texts/catalogue";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Form, TextField } from "../../ui/form";
import { Facts } from "../../ui/page";
import { CopyField, ShownOnce } from "../../ui/secret";
import { ExactTime } from "../../ui/time";
import { useProof } from "../logins/proof";
import type { ServiceAccount } from "./service_account";

type Created = components["schemas"]["auth.CreateServiceAccountKeyResponse"];

interface Props {
  account: ServiceAccount;
  onClose: () => void;
  onCreated: () => void;
}

/** Makes a key, and shows it once. */
export function NewKeyDialog({ account, onClose, onCreated }: Props) {
  const texts = useTexts(serviceAccounts);
  const buttons = useTexts(common);
  const prove = useProof();
  const [created, setCreated] = useState<Created | undefined>();
  const submission = useSubmit(async (name: string, days: string) => {
    const params = { path: { tenantId: account.tenantId, accountId: account.accountId } };
    const body = { name, ...(days && { days: Number(days) }) };
    const path = "/api/v5/tenants/{tenantId}/service-accounts/{accountId}/keys";
    setCreated(await prove(() => coditect.post(path, { params, body })));
    onCreated();
  });
  if (created) return <CreatedDialog created={created} onClose={onClose} />;
  return (
    <Dialog title={texts.createKey} onClose={onClose}>
      <Form
        submission={submission}
        onSubmit={({ name, days }) => void submission.submit(name ?? "", days ?? "")}
        action={texts.createKey}
        beside={<Button onPress={onClose}>{buttons.cancel}</Button>}
      >
        <TextField name="name" label={texts.keyName} description={texts.keyNameHint} maxLength={100} autoComplete="off" autoFocus />
        <TextField name="days" type="number" min={1} label={texts.days} description={texts.daysHint} required={false} />
      </Form>
    </Dialog>
  );
}

function CreatedDialog({ created, onClose }: { created: Created; onClose: () => void }) {
  const texts = useTexts(serviceAccounts);
  return (
    <ShownOnce title={texts.keyCreated} why={texts.keyCreatedWhy} onClose={onClose}>
      <CopyField label={texts.key} value={created.token} />
      <Facts
        facts={[
          [texts.keyName, created.key.name],
          [texts.endsAt, <ExactTime value={created.key.expireTime} />],
        ]}
      />
    </ShownOnce>
  );
}

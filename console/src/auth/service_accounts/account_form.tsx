import { useState } from "react";

import { useSubmit } from "../../app/loading";
import { common } from "../../texts/common";
import { roles } from "../../texts/roles";
import { serviceAccounts } from "../../texts/service_accounts";
import { useTexts } from "../../texts/catalogue";
import { Button } from "../../ui/button";
import { Form, Select, TextField } from "../../ui/form";
import { ScopeChoice } from "../scopes/scope_fields";
import { ACCOUNT_SCOPES, type AccountRole, type AccountScope } from "./service_account";

export interface AccountValues {
  name: string;
  role: AccountRole;
  scopes: AccountScope[];
}

interface Props {
  /** What it is now; a new one without. */
  present?: AccountValues;
  action: string;
  onSubmit: (values: AccountValues) => Promise<void>;
  onClose: () => void;
}

/** Name, role and scopes of a service account. */
export function AccountForm({ present, action, onSubmit, onClose }: Props) {
  const texts = useTexts(serviceAccounts);
  const names = useTexts(roles).names;
  const buttons = useTexts(common);
  const [role, setRole] = useState<AccountRole>(present?.role ?? "member");
  const [scopes, setScopes] = useState<AccountScope[]>(present?.scopes ?? []);
  const submission = useSubmit(onSubmit);
  return (
    <Form
      submission={submission}
      onSubmit={({ name }) => void submission.submit({ name: name ?? "", role, scopes })}
      action={action}
      beside={<Button onPress={onClose}>{buttons.cancel}</Button>}
    >
      <TextField
        name="name"
        label={texts.name}
        description={texts.nameHint}
        defaultValue={present?.name ?? ""}
        maxLength={100}
        autoComplete="off"
        autoFocus
      />
      <Select
        name="role"
        label={texts.role}
        description={texts.mays[role]}
        options={(["member", "admin"] as const).map((one) => [one, names[one]])}
        value={role}
        onChange={(next) => setRole(next as AccountRole)}
      />
      <ScopeChoice label={texts.scopes} options={ACCOUNT_SCOPES} value={scopes} onChange={setScopes} />
    </Form>
  );
}

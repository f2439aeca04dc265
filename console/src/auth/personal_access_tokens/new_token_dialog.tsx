import type { components } from "@coditect/client";
import { useState } from "react";

import { coditect, useUser } from "../../app/client";
import { type Loaded, useSubmit } from "../../app/loading";
import { useProof } from "../logins/proof";
import { ScopeChoice } from "../scopes/scope_fields";
import { type OwnTenant, useTenantName } from "../../tenants/memberships/own_tenants";
import { common } from "../../texts/common";
import { personalAccessTokens } from "../../texts/personal_access_tokens";
import { useLanguage, useTexts } from "../../texts/catalogue";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Form, Select, TextField } from "../../ui/form";
import { CopyField, ShownOnce } from "../../ui/secret";
import { Ready } from "../../ui/states";

type Asked = components["schemas"]["auth.CreatePersonalAccessTokenRequest"];
type Scope = Asked["scopes"][number];

const SCOPES = [
  "account:read",
  "account:write",
  "tenants:read",
  "tenants:write",
  "sessions:read",
  "sessions:write",
] as const satisfies readonly Scope[];
const DAYS = 30;
const DAY_MS = 86_400_000;

interface Props {
  tenants: Loaded<OwnTenant[]>;
  onClose: () => void;
  onCreated: () => void;
}

/** Makes a token, and shows it once. */
export function NewTokenDialog({ tenants, onClose, onCreated }: Props) {
  const texts = useTexts(personalAccessTokens);
  const prove = useProof();
  const [token, setToken] = useState<string | undefined>();
  const create = async (body: Asked) => {
    const made = await prove(() => coditect.post("/api/v5/auth/tokens", { body }));
    onCreated();
    setToken(made.token);
  };
  if (token !== undefined) return <Created token={token} onClose={onClose} />;
  return (
    <Dialog title={texts.create} onClose={onClose}>
      <Ready of={tenants}>{(found) => <NewToken tenants={found} onCreate={create} onClose={onClose} />}</Ready>
    </Dialog>
  );
}

function Created({ token, onClose }: { token: string; onClose: () => void }) {
  const texts = useTexts(personalAccessTokens);
  return (
    <ShownOnce title={texts.created} why={texts.createdWhy} onClose={onClose}>
      <CopyField label={texts.token} value={token} />
    </ShownOnce>
  );
}

interface NewTokenProps {
  tenants: readonly OwnTenant[];
  onCreate: (asked: Asked) => Promise<void>;
  onClose: () => void;
}

function NewToken({ tenants, onCreate, onClose }: NewTokenProps) {
  const texts = useTexts(personalAccessTokens);
  const buttons = useTexts(common);
  const nameOf = useTenantName();
  const { tenant } = useUser();
  const [scopes, setScopes] = useState<readonly Scope[]>([]);
  const [days, setDays] = useState(String(DAYS));
  const submission = useSubmit(onCreate);
  const end = useEnd(Number(days));
  const submit = ({ name = "", tenantId = "" }: Readonly<Record<string, string>>) =>
    void submission.submit({ name, scopes: [...scopes], tenantId, days: Number(days) });
  return (
    <Form
      submission={submission}
      onSubmit={submit}
      action={texts.create}
      beside={<Button onPress={onClose}>{buttons.cancel}</Button>}
    >
      <TextField name="name" label={texts.name} description={texts.nameHint} maxLength={100} autoComplete="off" autoFocus />
      <ScopeChoice label={texts.scopes} options={SCOPES} value={scopes} onChange={setScopes} />
      <Select
        name="tenantId"
        label={texts.tenant}
        options={tenants.map((one) => [one.tenantId, nameOf(one)])}
        defaultValue={tenant.tenantId}
      />
      <TextField
        name="days"
        label={texts.days}
        type="number"
        min={1}
        max={3650}
        value={days}
        onChange={setDays}
        {...(end && { description: texts.daysHint(end) })}
      />
    </Form>
  );
}

/** The day that is so many days from now; undefined for no such number. */
function useEnd(days: number): string | undefined {
  const language = useLanguage();
  if (!Number.isInteger(days) || days < 1 || days > 3650) return undefined;
  return new Intl.DateTimeFormat(language, { dateStyle: "long" }).format(Date.now() + days * DAY_MS);
}

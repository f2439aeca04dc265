import { type ReactNode, useState } from "react";

import { useUser } from "../../app/client";
import { useSubmit } from "../../app/loading";
import { oauthClients } from "../../texts/oauth_clients";
import { useTexts } from "../../texts/catalogue";
import { Checkboxes, Form, Select, TextField } from "../../ui/form";
import { SCOPES, type Scope, ScopeChoice } from "../scopes/scope_fields";
import { AccountSelect } from "./account_select";
import { type Grant, METHODS, type Method, type NewClient, type OAuthClient, grantsOf } from "./oauth_client";

interface Props {
  /** What the client is now; a new one without. How it shows who it is cannot change. */
  present?: OAuthClient;
  action: string;
  beside: ReactNode;
  onSubmit: (values: NewClient) => Promise<void>;
}

/** What a client is. Fields are shown only where they belong to the choices above. */
export function ClientForm({ present, action, beside, onSubmit }: Props) {
  const texts = useTexts(oauthClients);
  const { kind } = useUser().tenant;
  const [method, setMethod] = useState<Method>(present?.authMethod ?? "none");
  const [chosen, setGrants] = useState((present?.grantTypes ?? ["authorization_code", "refresh_token"]) as Grant[]);
  const [scopes, setScopes] = useState((present?.scopes ?? []) as Scope[]);
  const submission = useSubmit(onSubmit);
  const offered = grantsOf(method, kind);
  const grants = chosen.filter((one) => offered.includes(one));
  const submit = ({ name = "", redirectUris = "", serviceAccountId = "", jwks = "" }: Readonly<Record<string, string>>) =>
    void submission.submit({
      name,
      authMethod: method,
      redirectUris: linesOf(redirectUris),
      grantTypes: grants,
      scopes,
      ...(serviceAccountId && { serviceAccountId }),
      ...(jwks && { jwks: JSON.parse(jwks) as Record<string, unknown> }),
    });
  return (
    <Form submission={submission} onSubmit={submit} action={action} beside={beside}>
      <TextField
        name="name"
        label={texts.name}
        description={texts.nameHint}
        defaultValue={present?.name ?? ""}
        maxLength={100}
        autoComplete="off"
        autoFocus
      />
      {!present && <MethodSelect value={method} onChange={setMethod} />}
      {method === "private_key_jwt" && <KeysField present={present?.jwks} />}
      <Checkboxes
        name="grantTypes"
        label={texts.grantTypes}
        required
        options={offered.map((one) => [one, texts.grants[one]])}
        value={grants}
        onChange={(next) => setGrants(next as Grant[])}
      />
      {grants.includes("client_credentials") && <AccountSelect present={present?.serviceAccountId} />}
      <TextField
        name="redirectUris"
        label={texts.redirectUris}
        description={method === "none" ? `${texts.redirectUrisHint} ${texts.redirectUrisPublic}` : texts.redirectUrisHint}
        defaultValue={present?.redirectUris.join("\n") ?? ""}
        required={grants.includes("authorization_code")}
        rows={3}
        spellCheck={false}
      />
      <ScopeChoice label={texts.scopes} options={SCOPES} value={scopes} onChange={setScopes} />
    </Form>
  );
}

function linesOf(text: string): string[] {
  return text.split(/\s+/).filter(Boolean);
}

function MethodSelect({ value, onChange }: { value: Method; onChange: (method: Method) => void }) {
  const texts = useTexts(oauthClients);
  return (
    <Select
      name="authMethod"
      label={texts.method}
      description={`${texts.methodHints[value]} ${texts.methodFixed}`}
      options={METHODS.map((one) => [one, texts.methods[one]])}
      value={value}
      onChange={(next) => onChange(next as Method)}
    />
  );
}

function KeysField({ present }: { present: OAuthClient["jwks"] }) {
  const texts = useTexts(oauthClients);
  return (
    <TextField
      name="jwks"
      label={texts.jwks}
      description={texts.jwksHint}
      defaultValue={present ? JSON.stringify(present, null, 2) : ""}
      rows={6}
      spellCheck={false}
      validate={(text) => (isObject(text) ? undefined : texts.jwksWrong)}
    />
  );
}

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

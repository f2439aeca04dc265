import type { components } from "@coditect/client";
import { useState } from "react";

import { coditect } from "../../app/client";
import { useSubmit } from "../../app/loading";
import { common } from "../../texts/common";
import { workspaceTokens } from "../../texts/workspace_tokens";
import { useTexts } from "../../texts/catalogue";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Form, TextField } from "../../ui/form";
import { Facts } from "../../ui/page";
import { CopyField, ShownOnce } from "../../ui/secret";
import { ExactTime } from "../../ui/time";
import { ScopeBadges, ScopeChoice } from "../scopes/scope_fields";

type Created = components["schemas"]["auth.CreateWorkspaceTokenResponse"];
type Scope = Created["scopes"][number];

const SCOPES = ["sessions:read", "sessions:write", "tenants:read", "account:read"] as const satisfies readonly Scope[];

interface Props {
  sessionId: string;
  onClose: () => void;
  onCreated: () => void;
}

/** Makes a token for an agent, and shows it once. */
export function NewTokenDialog({ sessionId, onClose, onCreated }: Props) {
  const texts = useTexts(workspaceTokens);
  const buttons = useTexts(common);
  const [scopes, setScopes] = useState<readonly Scope[]>(["sessions:read", "sessions:write"]);
  const [created, setCreated] = useState<Created | undefined>();
  const submission = useSubmit(async (agent: string) => {
    const params = { path: { sessionId } };
    const body = { scopes: [...scopes], ...(agent && { agent }) };
    setCreated(await coditect.post("/api/v5/sessions/{sessionId}/token", { params, body }));
    onCreated();
  });
  if (created) return <CreatedDialog created={created} onClose={onClose} />;
  return (
    <Dialog title={texts.create} onClose={onClose}>
      <Form
        submission={submission}
        onSubmit={({ agent }) => void submission.submit(agent ?? "")}
        action={texts.create}
        beside={<Button onPress={onClose}>{buttons.cancel}</Button>}
      >
        <TextField name="agent" label={texts.agent} description={texts.agentHint} maxLength={100} autoComplete="off" autoFocus />
        <ScopeChoice label={texts.scopes} options={SCOPES} value={scopes} onChange={setScopes} />
      </Form>
    </Dialog>
  );
}

function CreatedDialog({ created, onClose }: { created: Created; onClose: () => void }) {
  const texts = useTexts(workspaceTokens);
  return (
    <ShownOnce title={texts.created} why={texts.createdWhy} onClose={onClose}>
      <CopyField label={texts.token} value={created.token} />
      <Facts
        facts={[
          [texts.agent, created.agent],
          [texts.scopes, <ScopeBadges scopes={created.scopes} />],
          [texts.endsAt, <ExactTime value={created.expireTime} />],
        ]}
      />
    </ShownOnce>
  );
}

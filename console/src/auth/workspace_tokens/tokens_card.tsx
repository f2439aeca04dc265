import type { components } from "@coditect/client";
import { useState } from "react";

import { coditect } from "../../app/client";
import { useList } from "../../app/loading";
import { useReturn } from "../../app/visible";
import { workspaceTokens } from "../../texts/workspace_tokens";
import { useTexts } from "../../texts/catalogue";
import { useAnnounce } from "../../ui/announce";
import { Button } from "../../ui/button";
import { Confirm } from "../../ui/dialog";
import { Card } from "../../ui/page";
import { Rows } from "../../ui/states";
import { Time } from "../../ui/time";
import { ScopeBadges } from "../scopes/scope_fields";
import { NewTokenDialog } from "./new_token_dialog";

type Token = components["schemas"]["auth.WorkspaceToken"];

/** The tokens with which agents work in a session. */
export function TokensCard({ sessionId }: { sessionId: string }) {
  const texts = useTexts(workspaceTokens);
  const list = useList(async (_, signal) => {
    const params = { path: { sessionId } };
    const { workspaceTokens: items } = await coditect.get("/api/v5/sessions/{sessionId}/tokens", {
      params,
      ...(signal && { signal }),
    });
    return { items, nextPageToken: "" };
  }, sessionId);
  useReturn(list.reload);
  const [creating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<Token | undefined>();
  const agentOf = (tokenId: string) => list.data?.items.find((one) => one.tokenId === tokenId)?.agent;
  return (
    <Card title={texts.title} actions={<Button onPress={() => setCreating(true)}>{texts.create}</Button>}>
      <p className="small muted">{texts.what}</p>
      <Rows of={list} label={texts.title} keyOf={(one) => one.tokenId} empty={texts.none}>
        {(one) => <Row token={one} maker={agentOf(one.parentTokenId)} onRevoke={() => setRevoking(one)} />}
      </Rows>
      {creating && <NewTokenDialog sessionId={sessionId} onClose={() => setCreating(false)} onCreated={list.reload} />}
      {revoking && <RevokeDialog token={revoking} onClose={() => setRevoking(undefined)} onRevoked={list.reload} />}
    </Card>
  );
}

/** @param maker The agent that has made the token, if one has. */
function Row({ token, maker, onRevoke }: { token: Token; maker: string | undefined; onRevoke: () => void }) {
  const texts = useTexts(workspaceTokens);
  return (
    <>
      <div className="what">
        <p>
          <bdi>{token.agent}</bdi> {maker !== undefined && <span className="muted">{texts.madeBy(maker)}</span>}
        </p>
        <p className="small muted">
          {token.lastUsedTime ? (
            <>
              {texts.lastUsed} <Time value={token.lastUsedTime} />
            </>
          ) : (
            texts.neverUsed
          )}
          {" · "}
          {texts.ends} <Time value={token.expireTime} />
        </p>
        <ScopeBadges scopes={token.scopes} />
      </div>
      <Button look="danger" onPress={onRevoke} aria-label={`${texts.revoke}: ${token.agent}`}>
        {texts.revoke}
      </Button>
    </>
  );
}

function RevokeDialog({ token, onClose, onRevoked }: { token: Token; onClose: () => void; onRevoked: () => void }) {
  const texts = useTexts(workspaceTokens);
  const announce = useAnnounce();
  const revoke = async () => {
    const params = { path: { sessionId: token.sessionId, tokenId: token.tokenId } };
    await coditect.delete("/api/v5/sessions/{sessionId}/tokens/{tokenId}", { params });
    announce(texts.revoked);
    onRevoked();
  };
  return (
    <Confirm title={texts.revokeTitle(token.agent)} action={texts.revoke} onConfirm={revoke} onClose={onClose}>
      <p>{texts.revokeText}</p>
    </Confirm>
  );
}

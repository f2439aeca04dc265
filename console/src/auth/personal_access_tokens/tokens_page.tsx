import type { components } from "@coditect/client";
import { useState } from "react";

import { coditect } from "../../app/client";
import { useList } from "../../app/loading";
import { ScopeBadges } from "../scopes/scope_fields";
import { type OwnTenant, useOwnTenants, useTenantName } from "../../tenants/memberships/own_tenants";
import { personalAccessTokens } from "../../texts/personal_access_tokens";
import { useTexts } from "../../texts/catalogue";
import { useAnnounce } from "../../ui/announce";
import { Button } from "../../ui/button";
import { Confirm } from "../../ui/dialog";
import { Badge, Card, Page } from "../../ui/page";
import { Rows } from "../../ui/states";
import { Time } from "../../ui/time";
import { NewTokenDialog } from "./new_token_dialog";

type Token = components["schemas"]["auth.PersonalAccessToken"];

/** The personal access tokens of the user. */
export function TokensPage() {
  const texts = useTexts(personalAccessTokens);
  const announce = useAnnounce();
  const list = useList(async (pageToken, signal) => {
    const params = { query: pageToken ? { pageToken } : {} };
    const page = await coditect.get("/api/v5/auth/tokens", { params, ...(signal && { signal }) });
    return { items: page.personalAccessTokens, nextPageToken: page.nextPageToken };
  });
  const tenants = useOwnTenants();
  const [creating, setCreating] = useState(false);
  const [removing, setRemoving] = useState<Token | undefined>();
  const remove = async ({ tokenId }: Token) => {
    await coditect.delete("/api/v5/auth/tokens/{tokenId}", { params: { path: { tokenId } } });
    announce(texts.removed);
    list.reload();
  };
  const create = (
    <Button look="primary" onPress={() => setCreating(true)}>
      {texts.create}
    </Button>
  );
  return (
    <Page title={texts.title} actions={create}>
      <p className="muted">{texts.what}</p>
      <Card>
        <Rows of={list} label={texts.title} keyOf={(one) => one.tokenId} empty={texts.none}>
          {(one) => <Row token={one} tenants={tenants.data ?? []} onRemove={() => setRemoving(one)} />}
        </Rows>
      </Card>
      {creating && <NewTokenDialog tenants={tenants} onClose={() => setCreating(false)} onCreated={list.reload} />}
      {removing && (
        <Confirm
          title={texts.removeTitle(removing.name)}
          action={texts.remove}
          onConfirm={() => remove(removing)}
          onClose={() => setRemoving(undefined)}
        >
          <p>{texts.removeText}</p>
        </Confirm>
      )}
    </Page>
  );
}

function Row({ token, tenants, onRemove }: { token: Token; tenants: readonly OwnTenant[]; onRemove: () => void }) {
  const texts = useTexts(personalAccessTokens);
  const nameOf = useTenantName();
  const tenant = tenants.find((one) => one.tenantId === token.tenantId);
  const ended = new Date(token.expireTime).getTime() <= Date.now();
  return (
    <>
      <div className="what">
        <p className="row">
          <strong>
            <bdi>{token.name}</bdi>
          </strong>
          {ended && <Badge look="warning">{texts.endedBadge}</Badge>}
        </p>
        <p className="small muted">
          {tenant && `${texts.actsIn} ${nameOf(tenant)} · `}
          {token.lastUsedTime ? (
            <>
              {texts.lastUsed} <Time value={token.lastUsedTime} />
            </>
          ) : (
            texts.neverUsed
          )}
          {" · "}
          {ended ? texts.ended : texts.ends} <Time value={token.expireTime} />
        </p>
        <ScopeBadges scopes={token.scopes} />
      </div>
      <Button look="danger" onPress={onRemove} aria-label={`${texts.remove}: ${token.name}`}>
        {texts.remove}
      </Button>
    </>
  );
}

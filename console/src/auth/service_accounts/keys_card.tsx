import type { components } from "@coditect/client";
import { useState } from "react";

import { coditect } from "../../app/client";
import { useList } from "../../app/loading";
import { useReturn } from "../../app/visible";
import { useMemberNames } from "../../tenants/members/names";
import { useRole } from "../../tenants/memberships/roles";
import { serviceAccounts } from "../../texts/service_accounts";
import { useTexts } from "../../texts/catalogue";
import { useAnnounce } from "../../ui/announce";
import { Button } from "../../ui/button";
import { Confirm } from "../../ui/dialog";
import { Card } from "../../ui/page";
import { Rows } from "../../ui/states";
import { Time } from "../../ui/time";
import { useProof } from "../logins/proof";
import { NewKeyDialog } from "./new_key_dialog";
import type { ServiceAccount } from "./service_account";

type Key = components["schemas"]["auth.ServiceAccountKey"];

/** The keys with which a service account calls. */
export function KeysCard({ account }: { account: ServiceAccount }) {
  const texts = useTexts(serviceAccounts);
  const { tenantId, accountId } = account;
  const list = useList(async (pageToken, signal) => {
    const params = { path: { tenantId, accountId }, query: pageToken ? { pageToken } : {} };
    const page = await coditect.get("/api/v5/tenants/{tenantId}/service-accounts/{accountId}/keys", {
      params,
      ...(signal && { signal }),
    });
    return { items: page.keys, nextPageToken: page.nextPageToken };
  }, accountId);
  const { mayChange } = useRole();
  const memberName = useMemberNames(true);
  useReturn(list.reload);
  const [creating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<Key | undefined>();
  return (
    <Card
      title={texts.keys}
      actions={
        mayChange("admin") && (
          <Button look="primary" onPress={() => setCreating(true)}>
            {texts.createKey}
          </Button>
        )
      }
    >
      <p className="small muted">{texts.keysWhat}</p>
      <Rows of={list} label={texts.keys} keyOf={(one) => one.keyId} empty={texts.noKeys}>
        {(one) => <Row made={one} maker={memberName(one.createdBy)} onRevoke={() => setRevoking(one)} />}
      </Rows>
      {creating && <NewKeyDialog account={account} onClose={() => setCreating(false)} onCreated={list.reload} />}
      {revoking && (
        <RevokeDialog account={account} made={revoking} onClose={() => setRevoking(undefined)} onRevoked={list.reload} />
      )}
    </Card>
  );
}

/** @param maker The name of the member who has made the key; undefined once they are gone. */
function Row({ made, maker, onRevoke }: { made: Key; maker: string | undefined; onRevoke: () => void }) {
  const texts = useTexts(serviceAccounts);
  const { mayChange } = useRole();
  return (
    <>
      <div className="what">
        <p>
          <bdi>{made.name}</bdi>
        </p>
        <p className="small muted">
          {made.lastUsedTime ? (
            <>
              {texts.lastUsed} <Time value={made.lastUsedTime} />
            </>
          ) : (
            texts.neverUsed
          )}
          {" · "}
          {texts.ends} <Time value={made.expireTime} />
          {maker !== undefined && ` · ${texts.madeBy(maker)}`}
        </p>
      </div>
      {mayChange("admin") && (
        <Button look="danger" onPress={onRevoke} aria-label={`${texts.revoke}: ${made.name}`}>
          {texts.revoke}
        </Button>
      )}
    </>
  );
}

interface RevokeProps {
  account: ServiceAccount;
  made: Key;
  onClose: () => void;
  onRevoked: () => void;
}

function RevokeDialog({ account, made, onClose, onRevoked }: RevokeProps) {
  const texts = useTexts(serviceAccounts);
  const announce = useAnnounce();
  const prove = useProof();
  const { tenantId, accountId } = account;
  const revoke = async () => {
    const params = { path: { tenantId, accountId, keyId: made.keyId } };
    await prove(() => coditect.delete("/api/v5/tenants/{tenantId}/service-accounts/{accountId}/keys/{keyId}", { params }));
    announce(texts.revoked);
    onRevoked();
  };
  return (
    <Confirm title={texts.revokeTitle(made.name)} action={texts.revoke} onConfirm={revoke} onClose={onClose}>
      <p>{texts.revokeText}</p>
    </Confirm>
  );
}

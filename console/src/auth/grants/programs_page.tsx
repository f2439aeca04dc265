import type { components } from "@coditect/client";
import { useState } from "react";

import { coditect } from "../../app/client";
import { useList } from "../../app/loading";
import { ProgramName, ScopeList } from "../authorizations/consent";
import { type OwnTenant, useOwnTenants, useTenantName } from "../../tenants/memberships/own_tenants";
import { grants as grantTexts } from "../../texts/grants";
import { useTexts } from "../../texts/catalogue";
import { useAnnounce } from "../../ui/announce";
import { Button } from "../../ui/button";
import { Confirm } from "../../ui/dialog";
import { Badge, Card, Facts, Page } from "../../ui/page";
import { Rows } from "../../ui/states";
import { ExactTime, Time } from "../../ui/time";

type Grant = components["schemas"]["auth.Grant"];

/** The programs that can act for the user. */
export function ProgramsPage() {
  const texts = useTexts(grantTexts);
  const announce = useAnnounce();
  const list = useList(async (pageToken, signal) => {
    const params = { query: pageToken ? { pageToken } : {} };
    const page = await coditect.get("/api/v5/oauth/grants", { params, ...(signal && { signal }) });
    return { items: page.grants, nextPageToken: page.nextPageToken };
  });
  const tenants = useOwnTenants();
  const [ending, setEnding] = useState<Grant | undefined>();
  const end = async (grant: Grant) => {
    await coditect.delete("/api/v5/oauth/grants/{grantId}", { params: { path: { grantId: grant.grantId } } });
    announce(texts.ended);
    list.reload();
  };
  return (
    <Page title={texts.title}>
      <p className="muted">{texts.what}</p>
      <Card>
        <Rows of={list} label={texts.title} keyOf={(one) => one.grantId} empty={texts.none}>
          {(one) => <Row grant={one} tenants={tenants.data ?? []} onEnd={() => setEnding(one)} />}
        </Rows>
      </Card>
      {ending && (
        <Confirm
          title={texts.endTitle(ending.clientName || texts.gone)}
          action={texts.end}
          onConfirm={() => end(ending)}
          onClose={() => setEnding(undefined)}
        >
          <p>{texts.endText}</p>
        </Confirm>
      )}
    </Page>
  );
}

function Row({ grant, tenants, onEnd }: { grant: Grant; tenants: readonly OwnTenant[]; onEnd: () => void }) {
  const texts = useTexts(grantTexts);
  const nameOf = useTenantName();
  const name = grant.clientName || texts.gone;
  const tenant = tenants.find((one) => one.tenantId === grant.tenantId);
  return (
    <>
      <div className="what">
        <p className="row">
          <ProgramName name={name} />
          {grant.current && <Badge>{texts.current}</Badge>}
        </p>
        <p className="small muted">
          {tenant && `${texts.actsIn} ${nameOf(tenant)} · `}
          {texts.lastUsed} <Time value={grant.lastUsedTime} />
        </p>
        <details className="small">
          <summary aria-label={texts.detailsOf(name)}>{texts.details}</summary>
          <Details grant={grant} />
        </details>
      </div>
      <Button look="danger" onPress={onEnd} aria-label={`${texts.end}: ${name}`}>
        {texts.end}
      </Button>
    </>
  );
}

function Details({ grant }: { grant: Grant }) {
  const texts = useTexts(grantTexts);
  return (
    <Facts
      facts={[
        [texts.may, <ScopeList scopes={grant.scopes} />],
        [texts.letIn, <ExactTime value={grant.createTime} />],
        [
          texts.ends,
          <>
            <ExactTime value={grant.expireTime} />, {texts.unlessUsed}
          </>,
        ],
        [texts.device, grant.userAgent && <bdi>{grant.userAgent}</bdi>],
        [texts.address, grant.address],
        [texts.program, <code>{grant.clientId}</code>],
      ]}
    />
  );
}

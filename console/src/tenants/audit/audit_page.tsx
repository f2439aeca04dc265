import { coditect, useUser } from "../../app/client";
import { useList, useSubmit } from "../../app/loading";
import { audit } from "../../texts/audit";
import { useTexts } from "../../texts/catalogue";
import { useAnnounce } from "../../ui/announce";
import { Button } from "../../ui/button";
import { received, save } from "../../ui/download";
import { ErrorNotice } from "../../ui/notice";
import { Card, Page } from "../../ui/page";
import { Loading, Rows } from "../../ui/states";
import { useLoadedMemberNames } from "../members/names";
import { RequireRole } from "../memberships/role_fields";
import { type Entry, EntryRow } from "./entry_row";

export function AuditPage() {
  const texts = useTexts(audit);
  const { tenantId } = useUser().tenant;
  return (
    <RequireRole least="admin" title={texts.title}>
      <Log key={tenantId} tenantId={tenantId} />
    </RequireRole>
  );
}

function Log({ tenantId }: { tenantId: string }) {
  const texts = useTexts(audit);
  const { tenant } = useUser();
  const names = useLoadedMemberNames(true);
  const list = useList<Entry & { key: string }>(async (pageToken, signal) => {
    const params = { path: { tenantId }, query: { orderBy: "time desc", ...(pageToken && { pageToken }) } } as const;
    const page = await coditect.get("/api/v5/tenants/{tenantId}/audit", { params, ...(signal && { signal }) });
    // Entries have no id.
    const items = page.entries.map((entry, index) => ({ ...entry, key: `${pageToken}/${index}` }));
    return { items, nextPageToken: page.nextPageToken };
  });
  const download = useDownload(tenantId, tenant.slug);
  return (
    <Page
      title={texts.title}
      context={tenant.name}
      actions={
        <Button onPress={() => void download.submit()} pending={download.pending}>
          {texts.download}
        </Button>
      }
    >
      <p className="muted">{texts.intro}</p>
      <ErrorNotice error={download.error} />
      <Card>
        {names === undefined ? (
          <Loading />
        ) : (
          <Rows of={list} label={texts.title} keyOf={(entry) => entry.key} empty={texts.none}>
            {(entry) => <EntryRow entry={entry} names={names} />}
          </Rows>
        )}
      </Card>
    </Page>
  );
}

/** Has the browser save the whole log. */
function useDownload(tenantId: string, slug: string) {
  const texts = useTexts(audit);
  const announce = useAnnounce();
  return useSubmit(async () => {
    const answer = await coditect.download("/api/v5/tenants/{tenantId}/audit/export", { params: { path: { tenantId } } });
    save(await received(answer), `audit-${slug}.ndjson`);
    announce(texts.downloaded);
  });
}

import { Link } from "react-aria-components";

import { coditect } from "../../app/client";
import { useList } from "../../app/loading";
import { securityLog } from "../../texts/security_log";
import { useTexts } from "../../texts/catalogue";
import { Card, Page } from "../../ui/page";
import { Loading, Rows } from "../../ui/states";
import { EventRow, type SecurityEvent } from "./event_row";
import { useProgramNames } from "./program_names";

export function ActivityPage() {
  const texts = useTexts(securityLog);
  const names = useProgramNames();
  const list = useList<SecurityEvent & { key: string }>(async (pageToken, signal) => {
    const query = { ...(pageToken && { pageToken }) };
    const page = await coditect.get("/api/v5/auth/me/activity", { params: { query }, ...(signal && { signal }) });
    // Events have no id.
    const items = page.events.map((event, index) => ({ ...event, key: `${pageToken}/${index}` }));
    return { items, nextPageToken: page.nextPageToken };
  });
  return (
    <Page title={texts.title}>
      <p className="muted">{texts.why}</p>
      <Card>
        {names === undefined ? (
          <Loading />
        ) : (
          <Rows of={list} label={texts.title} keyOf={(event) => event.key}>
            {(event) => <EventRow event={event} names={names} />}
          </Rows>
        )}
      </Card>
      <p className="muted">
        {texts.suspicious} <Link href="/account/security">{texts.changePassword}</Link> ·{" "}
        <Link href="/account/devices">{texts.devices}</Link>
      </p>
    </Page>
  );
}

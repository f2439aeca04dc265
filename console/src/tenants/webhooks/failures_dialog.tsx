import { coditect } from "../../app/client";
import { useList, useSubmit } from "../../app/loading";
import { common } from "../../texts/common";
import { webhooks } from "../../texts/webhooks";
import { useTexts } from "../../texts/catalogue";
import { useAnnounce } from "../../ui/announce";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { ErrorNotice } from "../../ui/notice";
import { Rows } from "../../ui/states";
import { Time } from "../../ui/time";
import { useParams, WEBHOOK, type Webhook } from "./webhook";

/** What a webhook has given up, and sending it again. */
export function FailuresDialog({ webhook, onClose }: { webhook: Webhook; onClose: () => void }) {
  const texts = useTexts(webhooks);
  const buttons = useTexts(common);
  const announce = useAnnounce();
  const params = useParams()(webhook);
  const list = useList(async (pageToken, signal) => {
    const query = pageToken ? { pageToken } : {};
    const page = await coditect.get(`${WEBHOOK}/failed-deliveries`, { params: { ...params, query }, ...(signal && { signal }) });
    return { items: page.failedDeliveries, nextPageToken: page.nextPageToken };
  }, webhook.webhookId);
  const replay = useSubmit(async () => {
    await coditect.post(`${WEBHOOK}/replay`, { params, body: {} });
    announce(texts.replayed);
    list.reload();
  });
  return (
    <Dialog title={texts.failuresTitle(webhook.name)} onClose={onClose}>
      <ErrorNotice error={replay.error} />
      <Rows of={list} label={texts.failures} keyOf={(one) => one.eventId} empty={texts.noFailures}>
        {(one) => (
          <div className="what">
            <p>{one.type}</p>
            <p className="small muted">
              <Time value={one.lastAttemptTime} />
              {` · ${texts.attempts(one.attempts)} · ${one.replaying ? texts.replaying : texts.status(one.lastStatus)}`}
            </p>
          </div>
        )}
      </Rows>
      <div className="actions">
        <Button onPress={onClose}>{buttons.close}</Button>
        {list.data !== undefined && list.data.items.length > 0 && (
          <Button look="primary" onPress={() => void replay.submit()} pending={replay.pending}>
            {texts.replay}
          </Button>
        )}
      </div>
    </Dialog>
  );
}

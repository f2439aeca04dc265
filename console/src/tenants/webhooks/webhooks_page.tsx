import { useState } from "react";

import { coditect, useUser } from "../../app/client";
import { useSubmit } from "../../app/loading";
import { useReturn } from "../../app/visible";
import { useProof } from "../../auth/logins/proof";
import { webhooks } from "../../texts/webhooks";
import { useTexts } from "../../texts/catalogue";
import { useAnnounce } from "../../ui/announce";
import { Button } from "../../ui/button";
import { Confirm } from "../../ui/dialog";
import { ErrorNotice, Notice } from "../../ui/notice";
import { Badge, Card, Page } from "../../ui/page";
import { Rows } from "../../ui/states";
import { Time } from "../../ui/time";
import { RequireRole } from "../memberships/role_fields";
import { useRole } from "../memberships/roles";
import { FailuresDialog } from "./failures_dialog";
import { NewWebhookDialog, RotateDialog } from "./new_webhook_dialog";
import { useParams, useWebhooks, WEBHOOK, type Webhook } from "./webhook";

export function WebhooksPage() {
  const texts = useTexts(webhooks);
  return (
    <RequireRole least="admin" title={texts.title}>
      <WebhookList />
    </RequireRole>
  );
}

function WebhookList() {
  const texts = useTexts(webhooks);
  const { tenant } = useUser();
  const { mayChange } = useRole();
  const list = useWebhooks();
  useReturn(list.reload);
  const [creating, setCreating] = useState(false);
  return (
    <Page
      title={texts.title}
      context={tenant.name}
      actions={
        mayChange("admin") && (
          <Button look="primary" onPress={() => setCreating(true)}>
            {texts.create}
          </Button>
        )
      }
    >
      <p className="muted">{texts.what}</p>
      <Card>
        <Rows of={list} label={texts.title} keyOf={(one) => one.webhookId} empty={texts.none}>
          {(one) => <Row webhook={one} onChanged={list.reload} />}
        </Rows>
      </Card>
      {creating && <NewWebhookDialog onClose={() => setCreating(false)} onChanged={list.reload} />}
    </Page>
  );
}

interface RowProps {
  webhook: Webhook;
  onChanged: () => void;
}

function Row({ webhook, onChanged }: RowProps) {
  const { mayChange } = useRole();
  return (
    <div className="what">
      <p>
        <bdi>{webhook.name}</bdi> <State webhook={webhook} />
      </p>
      <p className="small muted">
        <bdi>{webhook.url}</bdi>
      </p>
      <LastDelivery webhook={webhook} />
      {mayChange("admin") && <Actions webhook={webhook} onChanged={onChanged} />}
    </div>
  );
}

function State({ webhook }: { webhook: Webhook }) {
  const texts = useTexts(webhooks);
  if (webhook.disabledReason) return <Badge look="danger">{texts.reasons[webhook.disabledReason]}</Badge>;
  if (webhook.failingSinceTime) return <Badge look="warning">{texts.failing}</Badge>;
  return <Badge look="good">{texts.on}</Badge>;
}

function LastDelivery({ webhook }: { webhook: Webhook }) {
  const texts = useTexts(webhooks);
  return (
    <p className="small muted">
      {webhook.lastSuccessTime ? (
        <>
          {texts.delivered} <Time value={webhook.lastSuccessTime} />
        </>
      ) : (
        texts.neverDelivered
      )}
      {webhook.failingSinceTime && ` · ${texts.status(webhook.lastStatus)}`}
      {webhook.lostEvents > 0 && ` · ${texts.lost(webhook.lostEvents)}`}
    </p>
  );
}

type Opened = "failures" | "rotate" | "remove";

function Actions({ webhook, onChanged }: RowProps) {
  const texts = useTexts(webhooks);
  const announce = useAnnounce();
  const prove = useProof();
  const params = useParams()(webhook);
  const [opened, setOpened] = useState<Opened | undefined>();
  const [result, setResult] = useState<{ delivered: boolean; status: number } | undefined>();
  const test = useSubmit(async () => setResult(await coditect.post(`${WEBHOOK}/test`, { params })));
  const turn = useSubmit(async (enabled: boolean) => {
    await prove(() => coditect.patch(WEBHOOK, { params, body: { enabled } }));
    announce(enabled ? texts.enabled : texts.disabled);
    onChanged();
  });
  const named = (action: string) => `${action}: ${webhook.name}`;
  const close = () => setOpened(undefined);
  return (
    <>
      <ErrorNotice error={test.error ?? turn.error} />
      {result && (
        <Notice look={result.delivered ? "info" : "warning"} live>
          {result.delivered ? texts.tested : texts.testFailed(result.status)}
        </Notice>
      )}
      <div className="row">
        <Button onPress={() => void test.submit()} pending={test.pending} aria-label={named(texts.test)}>
          {texts.test}
        </Button>
        <Button
          onPress={() => void turn.submit(!webhook.enabled)}
          pending={turn.pending}
          aria-label={named(webhook.enabled ? texts.disable : texts.enable)}
        >
          {webhook.enabled ? texts.disable : texts.enable}
        </Button>
        <Button onPress={() => setOpened("failures")} aria-label={named(texts.failures)}>
          {texts.failures}
        </Button>
        <Button onPress={() => setOpened("rotate")} aria-label={named(texts.rotate)}>
          {texts.rotate}
        </Button>
        <Button look="danger" onPress={() => setOpened("remove")} aria-label={named(texts.remove)}>
          {texts.remove}
        </Button>
      </div>
      {opened === "failures" && <FailuresDialog webhook={webhook} onClose={close} />}
      {opened === "rotate" && <RotateDialog webhook={webhook} onClose={close} onChanged={onChanged} />}
      {opened === "remove" && <RemoveDialog webhook={webhook} onClose={close} onChanged={onChanged} />}
    </>
  );
}

function RemoveDialog({ webhook, onClose, onChanged }: RowProps & { onClose: () => void }) {
  const texts = useTexts(webhooks);
  const announce = useAnnounce();
  const params = useParams()(webhook);
  const remove = async () => {
    await coditect.delete(WEBHOOK, { params });
    announce(texts.removed);
    onChanged();
  };
  return (
    <Confirm title={texts.removeTitle(webhook.name)} action={texts.remove} onConfirm={remove} onClose={onClose}>
      <p>{texts.removeText}</p>
    </Confirm>
  );
}

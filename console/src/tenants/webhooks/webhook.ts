/** What the dialogs of webhooks have in common. */

import type { components } from "@coditect/client";

import { coditect, useUser } from "../../app/client";
import { type LoadedList, useList } from "../../app/loading";

export type Webhook = components["schemas"]["tenants.Webhook"];

export const WEBHOOK = "/api/v5/tenants/{tenantId}/webhooks/{webhookId}";

/** The parameters of a call about a webhook of the active tenant. */
export function useParams(): (webhook: Webhook) => { path: { tenantId: string; webhookId: string } } {
  const { tenantId } = useUser().tenant;
  return ({ webhookId }) => ({ path: { tenantId, webhookId } });
}

/** The webhooks of the active tenant. */
export function useWebhooks(): LoadedList<Webhook> {
  const { tenantId } = useUser().tenant;
  return useList(async (pageToken, signal) => {
    const params = { path: { tenantId }, query: pageToken ? { pageToken } : {} };
    const page = await coditect.get("/api/v5/tenants/{tenantId}/webhooks", { params, ...(signal && { signal }) });
    return { items: page.webhooks, nextPageToken: page.nextPageToken };
  }, tenantId);
}

/** What the pages of service accounts have in common. */

import type { components } from "@coditect/client";

import { coditect, useUser } from "../../app/client";
import { type LoadedList, useList } from "../../app/loading";

export type ServiceAccount = components["schemas"]["auth.ServiceAccount"];
export type AccountRole = ServiceAccount["role"];
export type AccountScope = ServiceAccount["scopes"][number];

export const ACCOUNT = "/api/v5/tenants/{tenantId}/service-accounts/{accountId}";
export const ACCOUNT_SCOPES = ["tenants:read", "sessions:read", "sessions:write"] as const satisfies readonly AccountScope[];

/** The service accounts of the active tenant. */
export function useServiceAccounts(): LoadedList<ServiceAccount> {
  const { tenantId } = useUser().tenant;
  return useList(async (pageToken, signal) => {
    const params = { path: { tenantId }, query: pageToken ? { pageToken } : {} };
    const page = await coditect.get("/api/v5/tenants/{tenantId}/service-accounts", { params, ...(signal && { signal }) });
    return { items: page.serviceAccounts, nextPageToken: page.nextPageToken };
  }, tenantId);
}

import type { components } from "@coditect/client";

import { coditect } from "../../app/client";
import { type Loaded, useLoad } from "../../app/loading";
import { shell } from "../../texts/shell";
import { useTexts } from "../../texts/catalogue";

export type OwnTenant = components["schemas"]["tenants.Tenant"];

/** All tenants of the user. */
export function useOwnTenants(): Loaded<OwnTenant[]> {
  return useLoad(async (signal) => {
    const found: OwnTenant[] = [];
    for await (const one of coditect.list("/api/v5/tenants", { signal })) found.push(one);
    return found;
  });
}

/** How a tenant is called: the user's own has no name that anybody knows. */
export function useTenantName(): (tenant: Pick<OwnTenant, "kind" | "name">) => string {
  const { self } = useTexts(shell);
  return (tenant) => (tenant.kind === "self" ? self : tenant.name);
}

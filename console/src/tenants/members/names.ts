import type { components } from "@coditect/client";

import { coditect, useUser } from "../../app/client";
import { useLoad } from "../../app/loading";
import { members } from "../../texts/members";
import { useTexts } from "../../texts/catalogue";

export type Member = components["schemas"]["tenants.Member"];

const PAGE_SIZE = 1000;

/** How a member is called: users may have no name. */
export function useNameOf(): (member: Member) => string {
  const texts = useTexts(members);
  return (member) => member.displayName.trim() || member.email || texts.unnamed;
}

/**
 * Names of members of the active tenant, for lists that have only ids of users. A user who is not
 * among the first thousand members, or no longer a member, gets none.
 *
 * @param wanted Whether there is such a list now; nothing is loaded without.
 */
export function useMemberNames(wanted: boolean): (userId: string) => string | undefined {
  const { tenantId } = useUser().tenant;
  const nameOf = useNameOf();
  const loaded = useLoad(async (signal) => {
    if (!wanted) return [];
    const params = { path: { tenantId }, query: { pageSize: PAGE_SIZE } };
    return (await coditect.get("/api/v5/tenants/{tenantId}/members", { params, signal })).members;
  }, `${tenantId} ${wanted}`);
  return (userId) => {
    const member = loaded.data?.find((one) => one.userId === userId);
    return member && nameOf(member);
  };
}

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

/** The name of a member; undefined for a user who is not among those that were loaded. */
export type NameById = (userId: string) => string | undefined;

/**
 * Names of members of the active tenant, for lists that have only ids of users. A user who is not
 * among the first thousand members, or no longer a member, gets none.
 *
 * @param wanted Whether there is such a list now; nothing is loaded without.
 */
export function useMemberNames(wanted: boolean): NameById {
  return useLoadedMemberNames(wanted) ?? nameless;
}

/** The same; undefined until the names are known, or cannot be known. */
export function useLoadedMemberNames(wanted: boolean): NameById | undefined {
  const { tenantId } = useUser().tenant;
  const nameOf = useNameOf();
  const { data, error } = useLoad(async (signal) => {
    if (!wanted) return [];
    const params = { path: { tenantId }, query: { pageSize: PAGE_SIZE } };
    return (await coditect.get("/api/v5/tenants/{tenantId}/members", { params, signal })).members;
  }, `${tenantId} ${wanted}`);
  if (data === undefined) return error === undefined ? undefined : nameless;
  const names = new Map(data.map((member) => [member.userId, nameOf(member)]));
  return (userId) => names.get(userId);
}

function nameless(): undefined {
  return undefined;
}

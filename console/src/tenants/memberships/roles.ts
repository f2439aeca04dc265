/** The roles of a tenant, and what they allow. */

import { useUser } from "../../app/client";

/** From the least to the highest. */
export const ROLES = ["member", "admin", "owner"] as const;

export type Role = (typeof ROLES)[number];

/** Whether a role is another one, or above it. */
export function isAtLeast(role: Role, least: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(least);
}

/** The role of the user in the active tenant, and whether it is at least another one. */
export function useRole(): { role: Role; may: (least: Role) => boolean } {
  const { role } = useUser().tenant;
  return { role, may: (least) => isAtLeast(role, least) };
}

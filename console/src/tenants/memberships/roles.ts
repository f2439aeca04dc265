/** The roles of a tenant, and what they allow. */

import { useUser } from "../../app/client";

/** From the least to the highest. */
export const ROLES = ["member", "admin", "owner"] as const;

export type Role = (typeof ROLES)[number];

/** Whether a role is another one, or above it. */
export function isAtLeast(role: Role, least: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(least);
}

interface OwnRole {
  readonly role: Role;
  /** Whether the role is at least another one. */
  readonly may: (least: Role) => boolean;
  /** The same for what changes something: a suspended tenant refuses that. */
  readonly mayChange: (least: Role) => boolean;
}

/** The role of the user in the active tenant, and what it allows. */
export function useRole(): OwnRole {
  const { role, state } = useUser().tenant;
  const may = (least: Role) => isAtLeast(role, least);
  return { role, may, mayChange: (least) => state === "active" && may(least) };
}

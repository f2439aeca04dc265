import type { ReactNode } from "react";

import { useUser } from "../../app/client";
import { roles } from "../../texts/roles";
import { useTexts } from "../../texts/catalogue";
import { Select } from "../../ui/form";
import { Notice } from "../../ui/notice";
import { Badge, Page } from "../../ui/page";
import { ROLES, type Role, isAtLeast, useRole } from "./roles";

export function RoleBadge({ role }: { role: Role }) {
  return <Badge>{useTexts(roles).names[role]}</Badge>;
}

interface RoleSelectProps {
  value: Role;
  onChange: (role: Role) => void;
}

/** The roles that the user may give: none above their own. What the chosen one may do stands below. */
export function RoleSelect({ value, onChange }: RoleSelectProps) {
  const texts = useTexts(roles);
  const own = useRole().role;
  const options = ROLES.filter((role) => isAtLeast(own, role)).map((role) => [role, texts.names[role]] as const);
  return (
    <Select
      name="role"
      label={texts.role}
      description={texts.may[value]}
      options={options}
      value={value}
      onChange={(role) => onChange(role as Role)}
    />
  );
}

interface RequireRoleProps {
  least: Role;
  /** The title of the page. */
  title: string;
  children: ReactNode;
}

/** A page that only a role or a higher one can see; others are told so. */
export function RequireRole({ least, title, children }: RequireRoleProps) {
  const texts = useTexts(roles);
  const { tenant } = useUser();
  const { role, may } = useRole();
  if (may(least)) return children;
  return (
    <Page title={title} context={tenant.name}>
      <Notice>{texts.missing(texts.names[least], texts.names[role])}</Notice>
    </Page>
  );
}

import { scopeNames } from "../../texts/scope_names";
import { useTexts } from "../../texts/catalogue";
import { Checkboxes } from "../../ui/form";
import { Badge } from "../../ui/page";

/** All that a program can get. */
export const SCOPES = [
  "openid",
  "profile",
  "email",
  "offline_access",
  "account:read",
  "account:write",
  "tenants:read",
  "tenants:write",
  "sessions:read",
  "sessions:write",
] as const;

export type Scope = (typeof SCOPES)[number];

interface Props<Some extends Scope> {
  label: string;
  options: readonly Some[];
  value: readonly Some[];
  onChange: (scopes: Some[]) => void;
}

/** The choice of what a program may do: one scope at least. */
export function ScopeChoice<Some extends Scope>({ label, options, value, onChange }: Props<Some>) {
  const names = useTexts(scopeNames);
  return (
    <Checkboxes
      name="scopes"
      label={label}
      required
      options={options.map((scope) => [
        scope,
        <>
          <code>{scope}</code>
          <span className="scope-name">{names[scope]}</span>
        </>,
      ])}
      value={[...value]}
      onChange={(chosen) => onChange(options.filter((scope) => chosen.includes(scope)))}
    />
  );
}

/** Scopes in a row of a list. */
export function ScopeBadges({ scopes }: { scopes: readonly string[] }) {
  return (
    <p className="row">
      {scopes.map((scope) => (
        <Badge key={scope}>{scope}</Badge>
      ))}
    </p>
  );
}

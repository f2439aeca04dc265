/** What a user sees before a program may act for them: also of one on a device. */

import type { components } from "@coditect/client";

import { type OwnTenant, useTenantName } from "../../tenants/memberships/own_tenants";
import { authorizations } from "../../texts/authorizations";
import { scopes as scopeTexts } from "../../texts/scopes";
import { useTexts } from "../../texts/catalogue";
import { Select } from "../../ui/form";

export type Scope = components["schemas"]["auth.ConsentScope"];

/** The name of a program, which a stranger may have chosen: it cannot turn the text around it. */
export function ProgramName({ name }: { name: string }) {
  return (
    <strong>
      <bdi>{name}</bdi>
    </strong>
  );
}

/** What scopes are called in the language of the page; a new one has the words of the contract. */
export function useScopeText(): (scope: { name: string; consent?: string }) => string {
  const texts: Readonly<Record<string, string>> = useTexts(scopeTexts);
  return ({ name, consent }) => (Object.hasOwn(texts, name) ? texts[name] : undefined) ?? consent ?? name;
}

const ORDER = Object.keys(scopeTexts.en);

/** What a program may do, in the order of our texts, and what is new in it below. */
export function ScopeList({ scopes }: { scopes: readonly Scope[] }) {
  const textOf = useScopeText();
  const place = ({ name }: Scope) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
  return (
    <ul className="plain">
      {scopes.toSorted((a, b) => place(a) - place(b)).map((scope) => (
        <li key={scope.name}>{textOf(scope)}</li>
      ))}
    </ul>
  );
}

interface TenantChoiceProps {
  tenants: readonly OwnTenant[];
  /** The only tenant in which the program can act, if there is one. */
  bound: string | undefined;
  value: string;
  onChange: (tenantId: string) => void;
}

/** In which tenant a program acts. */
export function TenantChoice({ tenants, bound, value, onChange }: TenantChoiceProps) {
  const texts = useTexts(authorizations);
  const nameOf = useTenantName();
  if (bound || tenants.length === 1) {
    const found = tenants.find((one) => one.tenantId === (bound ?? value));
    return (
      <p>
        {texts.tenantOf} <ProgramName name={found ? nameOf(found) : texts.otherTeam} />
      </p>
    );
  }
  const options = tenants.map((one) => [one.tenantId, nameOf(one)] as const);
  return <Select name="tenantId" label={texts.tenant} options={options} value={value} onChange={onChange} />;
}

import { useState } from "react";

import { coditect, useUser } from "../../app/client";
import { useSubmit } from "../../app/loading";
import { useProof } from "../../auth/logins/proof";
import { common } from "../../texts/common";
import { policies } from "../../texts/policies";
import { useTexts } from "../../texts/catalogue";
import { useAnnounce } from "../../ui/announce";
import { Checkbox, Form, Select, TextField } from "../../ui/form";
import { Notice } from "../../ui/notice";
import { Card } from "../../ui/page";
import { type Policy, changesOf, consequencesOf, limitsWith, useDuration } from "./policy";

const MOST_DAYS = 3_650;

interface Props {
  policy: Policy;
  onSaved: (policy: Policy) => void;
}

/** What the user has typed: a number is a text until it is saved. */
interface Draft extends Omit<Policy, "emailDomains" | "maxTokenDays"> {
  domains: string;
  days: string;
}

/** The policy for owners. Only what they have changed is saved, so that it overwrites no other change. */
export function PolicyForm({ policy, onSaved }: Props) {
  const texts = useTexts(policies);
  const buttons = useTexts(common);
  const announce = useAnnounce();
  const prove = useProof();
  const { tenantId } = useUser().tenant;
  const [draft, setDraft] = useState(() => draftOf(policy));
  const change = (changed: Partial<Draft>) => setDraft((before) => ({ ...before, ...changed }));
  const next = policyOf(draft);
  const submission = useSubmit(async () => {
    const params = { path: { tenantId } };
    const body = changesOf(policy, next);
    const saved = await prove(() => coditect.patch("/api/v5/tenants/{tenantId}/policy", { params, body }));
    onSaved(saved);
    setDraft(draftOf(saved));
    announce(texts.saved);
  });
  return (
    <Form submission={submission} onSubmit={() => void submission.submit()} action={buttons.save}>
      <MembersCard draft={draft} onChange={change} />
      <LoginsCard draft={draft} onChange={change} />
      <ProgramsCard draft={draft} onChange={change} />
      <Consequences old={policy} next={next} />
    </Form>
  );
}

function draftOf({ emailDomains, maxTokenDays, ...policy }: Policy): Draft {
  return { ...policy, domains: emailDomains.join("\n"), days: maxTokenDays === 0 ? "" : String(maxTokenDays) };
}

function policyOf({ domains, days, ...draft }: Draft): Policy {
  const emailDomains = domains.split(/[\s,;]+/).filter(Boolean);
  return { ...draft, emailDomains, maxTokenDays: Number(days) || 0 };
}

/** Whether a text is a number of days that a policy can have; empty is no limit. */
function isDays(text: string): boolean {
  return /^\d*$/.test(text.trim()) && (text.trim() === "" || (Number(text) >= 1 && Number(text) <= MOST_DAYS));
}

interface PartProps {
  draft: Draft;
  onChange: (changed: Partial<Draft>) => void;
}

function MembersCard({ draft, onChange }: PartProps) {
  const texts = useTexts(policies);
  return (
    <Card title={texts.members}>
      <Checkbox
        description={texts.secondFactorHint}
        isSelected={draft.secondFactorRequired}
        onChange={(secondFactorRequired) => onChange({ secondFactorRequired })}
      >
        {texts.secondFactor}
      </Checkbox>
      <TextField
        name="emailDomains"
        label={texts.domains}
        description={texts.domainsHint}
        rows={3}
        required={false}
        spellCheck={false}
        value={draft.domains}
        onChange={(domains) => onChange({ domains })}
      />
    </Card>
  );
}

function LoginsCard({ draft, onChange }: PartProps) {
  const texts = useTexts(policies);
  return (
    <Card title={texts.logins}>
      <Limit
        name="loginIdleSeconds"
        label={texts.idle}
        value={draft.loginIdleSeconds}
        onChange={(loginIdleSeconds) => onChange({ loginIdleSeconds })}
      />
      <Limit
        name="loginLifeSeconds"
        label={texts.life}
        value={draft.loginLifeSeconds}
        onChange={(loginLifeSeconds) => onChange({ loginLifeSeconds })}
      />
    </Card>
  );
}

function ProgramsCard({ draft, onChange }: PartProps) {
  const texts = useTexts(policies);
  return (
    <Card title={texts.programs}>
      <Checkbox
        description={texts.programsHint}
        isSelected={draft.programsAllowed}
        onChange={(programsAllowed) => onChange({ programsAllowed })}
      >
        {texts.programsAllowed}
      </Checkbox>
      <TextField
        name="maxTokenDays"
        label={texts.tokenDays}
        description={texts.tokenDaysHint}
        required={false}
        inputMode="numeric"
        value={draft.days}
        onChange={(days) => onChange({ days })}
        validate={(days) => (isDays(days) ? undefined : texts.notANumber)}
      />
    </Card>
  );
}

interface LimitProps {
  name: string;
  label: string;
  value: number;
  onChange: (seconds: number) => void;
}

function Limit({ name, label, value, onChange }: LimitProps) {
  const duration = useDuration();
  return (
    <Select
      name={name}
      label={label}
      options={limitsWith(value).map((seconds) => [String(seconds), duration(seconds)])}
      value={String(value)}
      onChange={(seconds) => onChange(Number(seconds))}
    />
  );
}

/** What stops working when the policy is saved, before it is. */
function Consequences({ old, next }: { old: Policy; next: Policy }) {
  const texts = useTexts(policies);
  const found = consequencesOf(old, next);
  return (
    <div role="status">
      {found.length > 0 && (
        <Notice look="warning">
          <p>{texts.ends}</p>
          <ul className="plain">
            {found.map((one) => (
              <li key={one}>{texts[one]}</li>
            ))}
          </ul>
        </Notice>
      )}
    </div>
  );
}

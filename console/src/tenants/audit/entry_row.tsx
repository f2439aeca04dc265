import type { components } from "@coditect/client";

import { useUser } from "../../app/client";
import { audit } from "../../texts/audit";
import { roles } from "../../texts/roles";
import { useTexts } from "../../texts/catalogue";
import { Facts } from "../../ui/page";
import { ExactTime } from "../../ui/time";
import type { NameById } from "../members/names";

export type Entry = components["schemas"]["tenants.AuditEntry"];

const SHORT = 8;
/** The actions whose detail is what they changed. */
const CHANGES = new Set(["tenant.renamed", "policy.updated"]);

/** Who did what, to whom, and when; where from and by which means on request. */
export function EntryRow({ entry, names }: { entry: Entry; names: NameById }) {
  const texts = useTexts(audit);
  const target = useTarget(entry, names);
  const detail = useDetail(entry);
  const who = useActor(entry, names);
  return (
    <div className="what entry">
      <p>
        <strong>{texts.actions[entry.action] ?? entry.action}</strong>
        {target && (
          <>
            : <bdi>{target}</bdi>
          </>
        )}
        {detail && (
          <span className="muted">
            {" "}
            (<bdi>{detail}</bdi>)
          </span>
        )}
      </p>
      <p className="small muted">
        <bdi>{who}</bdi>
        <Means entry={entry} />, <ExactTime value={entry.time} />
      </p>
      <Details entry={entry} />
    </div>
  );
}

/** Whom the actor used to act: an agent, or else a program. */
function Means({ entry }: { entry: Entry }) {
  const texts = useTexts(audit);
  if (entry.agent) return ` ${texts.viaAgent(entry.agent)}`;
  return entry.clientId || (entry.tokenId && !entry.byServiceAccount) ? ` ${texts.viaProgram}` : null;
}

function Details({ entry }: { entry: Entry }) {
  const texts = useTexts(audit);
  const id = (value: string) => value && <code>{value}</code>;
  return (
    <details className="small">
      <summary>{texts.details}</summary>
      <Facts
        facts={[
          [texts.actor, id(entry.userId)],
          [texts.target, id(entry.target)],
          [texts.detail, entry.detail],
          [texts.address, entry.address],
          [texts.userAgent, entry.userAgent],
          [texts.login, id(entry.loginId)],
          [texts.program, id(entry.clientId)],
          [texts.token, id(entry.tokenId)],
          [texts.agent, entry.agent],
        ]}
      />
    </details>
  );
}

/** Who did it. */
function useActor(entry: Entry, names: NameById): string {
  const texts = useTexts(audit);
  const { user } = useUser();
  if (entry.byOperator) return texts.operator;
  if (entry.byServiceAccount) return texts.serviceAccount(entry.userId.slice(0, SHORT));
  if (entry.userId) return entry.userId === user.userId ? texts.you : nameOf(entry.userId, names, texts.former);
  // What follows by itself has no target user who could have done it.
  return entry.action === "member.promise_lapsed" ? texts.itself : texts.gone;
}

/** To whom it was done; undefined for the tenant itself, and where there is no name. */
function useTarget(entry: Entry, names: NameById): string | undefined {
  const texts = useTexts(audit);
  if (entry.targetName) return entry.targetName;
  if (!entry.action.startsWith("member.") || !entry.target || entry.target === entry.userId) return undefined;
  return nameOf(entry.target, names, texts.former);
}

function nameOf(userId: string, names: NameById, unknown: (id: string) => string): string {
  return names(userId) ?? unknown(userId.slice(0, SHORT));
}

/** What the row says beside the action: a role, or what was changed. The details have everything. */
function useDetail(entry: Entry): string {
  const names: Record<string, string> = useTexts(roles).names;
  return CHANGES.has(entry.action) ? entry.detail : Object.hasOwn(names, entry.detail) ? (names[entry.detail] ?? "") : "";
}

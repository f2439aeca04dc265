import type { components } from "@coditect/client";

import { securityLog } from "../../texts/security_log";
import { useTexts } from "../../texts/catalogue";
import { Badge, Facts } from "../../ui/page";
import { ExactTime } from "../../ui/time";
import { useDeviceName } from "../logins/device_name";
import type { ProgramNames } from "./program_names";

export type SecurityEvent = components["schemas"]["auth.SecurityEvent"];

const SHORT = 8;
/** What is done to the token that the event names, or to the client; every other event was done by it. */
const TO_TOKENS = /^(token|workspace_token|service_account_key)\./;
const TO_PROGRAMS = /^(program|device_login|device_code|authorization_code)\./;

/** What happened, where and when; the rest on request. */
export function EventRow({ event, names }: { event: SecurityEvent; names: ProgramNames }) {
  const texts = useTexts(securityLog);
  const device = useDeviceName();
  const means = useMeans(event, names);
  return (
    <div className="what">
      <p className="row">
        <span>
          <strong>{texts.events[event.event] ?? event.event}</strong> {means}
        </span>
        {event.outcome === "failure" && <Badge look="danger">{texts.failed}</Badge>}
        {event.count > 1 && <Badge>{texts.times(event.count)}</Badge>}
      </p>
      <p className="small muted">
        {[device(event.userAgent), event.address].filter(Boolean).join(", ")}, <ExactTime value={event.time} />
        {event.count > 1 && (
          <>
            , {texts.since} <ExactTime value={event.firstTime} />
          </>
        )}
      </p>
      <Details event={event} names={names} />
    </div>
  );
}

/** Which program or token did it, or had it done to it; undefined for the user's own login. */
function useMeans(event: SecurityEvent, names: ProgramNames): string | undefined {
  const texts = useTexts(securityLog);
  const { agent, clientId, tokenId } = event;
  if (event.byOperator) return texts.operator;
  if (TO_TOKENS.test(event.event) && tokenId) return `(${texts.token(nameOf(tokenId, names))})`;
  if (TO_PROGRAMS.test(event.event) && clientId) return `(${texts.program(nameOf(clientId, names))})`;
  if (agent) return texts.byAgent(agent);
  if (clientId || tokenId) return texts.byProgram(nameOf(clientId || tokenId, names));
  return undefined;
}

/** Ids of clients can be names; those of tokens, and of clients that registered themselves, are long. */
function nameOf(id: string, names: ProgramNames): string {
  return names.get(id) || (id.length > 2 * SHORT ? `${id.slice(0, SHORT)}…` : id);
}

function Details({ event, names }: { event: SecurityEvent; names: ProgramNames }) {
  const texts = useTexts(securityLog);
  const named = (id: string) => id && `${names.get(id) ?? ""} ${id}`.trim();
  return (
    <details className="small">
      <summary>{texts.details}</summary>
      <Facts
        facts={[
          [texts.userAgent, event.userAgent],
          [texts.address, event.address],
          [texts.client, named(event.clientId)],
          [texts.tokenId, named(event.tokenId)],
          [texts.agent, event.agent],
          [texts.login, event.loginId && <code>{event.loginId}</code>],
        ]}
      />
    </details>
  );
}

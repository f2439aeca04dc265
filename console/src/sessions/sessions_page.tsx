import { useState } from "react";
import { Link } from "react-aria-components";
import { useSearchParams } from "react-router";

import { coditect, useUser } from "../app/client";
import { type LoadedList, useList } from "../app/loading";
import { useReturn } from "../app/visible";
import { useMemberNames } from "../tenants/members/names";
import { useRole } from "../tenants/memberships/roles";
import { sessions } from "../texts/sessions";
import { shell } from "../texts/shell";
import { useTexts } from "../texts/catalogue";
import { useAnnounce } from "../ui/announce";
import { Button } from "../ui/button";
import { Confirm } from "../ui/dialog";
import { Select } from "../ui/form";
import { Card, Page } from "../ui/page";
import { Rows } from "../ui/states";
import { Time } from "../ui/time";
import { EndDialog } from "./end_dialog";
import { OpenDialog } from "./open_dialog";
import { RenameDialog } from "./rename_dialog";
import { type Session, useSessionName } from "./session";
import "./sessions.css";

type Scope = "mine" | "tenant";
type Asking = { what: "open" | "endAll" } | { what: "rename" | "end"; session: Session };

export function SessionsPage() {
  const texts = useTexts(sessions);
  const { scope, choose } = useScope();
  const list = useSessions(scope);
  useReturn(list.reload);
  const ownerOf = useOwnerOf(scope);
  const { mayChange } = useRole();
  const [asking, setAsking] = useState<Asking | undefined>();
  const close = () => setAsking(undefined);
  const some = scope === "mine" && (list.data?.items.length ?? 0) > 0;
  const actions = (
    <>
      {some && (
        <Button look="danger" onPress={() => setAsking({ what: "endAll" })}>
          {texts.endAll}
        </Button>
      )}
      {mayChange("member") && (
        <Button look="primary" onPress={() => setAsking({ what: "open" })}>
          {texts.open}
        </Button>
      )}
    </>
  );
  return (
    <Page title={texts.title} actions={actions}>
      {choose && <ScopeSelect scope={scope} onChange={choose} />}
      <Card>
        <Rows
          of={list}
          label={texts.scopes[scope]}
          keyOf={(session) => session.sessionId}
          empty={scope === "mine" ? texts.none : texts.noneInTeam}
        >
          {(session) => <Row session={session} owner={ownerOf(session)} onAsk={(what) => setAsking({ what, session })} />}
        </Rows>
      </Card>
      {asking?.what === "open" && <OpenDialog onClose={close} onOpened={list.reload} />}
      {asking?.what === "endAll" && <EndAllDialog onClose={close} onEnded={list.reload} />}
      {asking?.what === "rename" && <RenameDialog session={asking.session} onClose={close} onChanged={list.reload} />}
      {asking?.what === "end" && (
        <EndDialog session={asking.session} owner={ownerOf(asking.session)} onClose={close} onEnded={list.reload} />
      )}
    </Page>
  );
}

/** Which sessions the page shows, in the address: only admins of an organization can choose. */
function useScope(): { scope: Scope; choose?: (scope: Scope) => void } {
  const [search, setSearch] = useSearchParams();
  const { tenant } = useUser();
  const { may } = useRole();
  if (tenant.kind === "self" || !may("admin")) return { scope: "mine" };
  return {
    scope: search.get("scope") === "tenant" ? "tenant" : "mine",
    choose: (scope) => setSearch(scope === "mine" ? {} : { scope }, { replace: true }),
  };
}

function useSessions(scope: Scope): LoadedList<Session> {
  const list = useList(async (pageToken, signal) => {
    const query = { scope, ...(pageToken && { pageToken }) };
    const page = await coditect.get("/api/v5/sessions", { params: { query }, ...(signal && { signal }) });
    return { items: page.sessions, nextPageToken: page.nextPageToken };
  }, scope);
  // The API has those of all members in the order of ids only.
  return list.data ? { ...list, data: { ...list.data, items: lastActiveFirst(list.data.items) } } : list;
}

function lastActiveFirst(items: readonly Session[]): Session[] {
  return [...items].sort((one, other) => Date.parse(other.lastActiveTime) - Date.parse(one.lastActiveTime));
}

/** Returns what says whose a session is. */
function useOwnerOf(scope: Scope): (session: Session) => string {
  const texts = useTexts(sessions);
  const memberName = useMemberNames(scope === "tenant");
  return ({ userId }) => memberName(userId) ?? texts.someone(userId);
}

function ScopeSelect({ scope, onChange }: { scope: Scope; onChange: (scope: Scope) => void }) {
  const texts = useTexts(sessions);
  return (
    <div className="session-scope">
      <Select
        name="scope"
        label={texts.show}
        options={[
          ["mine", texts.scopes.mine],
          ["tenant", texts.scopes.tenant],
        ]}
        value={scope}
        onChange={(next) => onChange(next as Scope)}
      />
    </div>
  );
}

interface RowProps {
  session: Session;
  owner: string;
  onAsk: (what: "rename" | "end") => void;
}

function Row({ session, owner, onAsk }: RowProps) {
  const texts = useTexts(sessions);
  const name = useSessionName()(session);
  const own = session.userId === useUser().user.userId;
  return (
    <>
      <div className="what">
        {own ? (
          <Link href={`/sessions/${session.sessionId}`}>
            <bdi>{name}</bdi>
          </Link>
        ) : (
          <p>
            <bdi>{name}</bdi> {texts.of(owner)}
          </p>
        )}
        {session.workspacePath && <p className="small mono muted">{session.workspacePath}</p>}
        <p className="small muted">
          {texts.active} <Time value={session.lastActiveTime} /> · {texts.ends} <Time value={session.expireTime} />
        </p>
      </div>
      <div className="row">
        {own && (
          <Button onPress={() => onAsk("rename")} aria-label={`${texts.rename}: ${name}`}>
            {texts.rename}
          </Button>
        )}
        <Button look="danger" onPress={() => onAsk("end")} aria-label={`${texts.end}: ${name}`}>
          {texts.end}
        </Button>
      </div>
    </>
  );
}

function EndAllDialog({ onClose, onEnded }: { onClose: () => void; onEnded: () => void }) {
  const texts = useTexts(sessions);
  const { self } = useTexts(shell);
  const announce = useAnnounce();
  const { tenantId, kind, name } = useUser().tenant;
  const endAll = async () => {
    await coditect.delete("/api/v5/sessions", { params: { query: { tenantId } } });
    announce(texts.endedAll);
    onEnded();
  };
  return (
    <Confirm title={texts.endAllTitle} action={texts.endAll} onConfirm={endAll} onClose={onClose}>
      <p>{texts.endAllText(kind === "self" ? self : name)}</p>
    </Confirm>
  );
}

import { isCode } from "@coditect/client";
import { useState } from "react";
import { useNavigate, useParams } from "react-router";

import { useLoad, useSubmit } from "../app/loading";
import { useReturn } from "../app/visible";
import { TokensCard } from "../auth/workspace_tokens/tokens_card";
import { sessions } from "../texts/sessions";
import { useTexts } from "../texts/catalogue";
import { useAnnounce } from "../ui/announce";
import { Button, LinkButton } from "../ui/button";
import { ErrorNotice } from "../ui/notice";
import { Card, Facts, Page } from "../ui/page";
import { CopyButton } from "../ui/secret";
import { Empty, Ready } from "../ui/states";
import { ExactTime, Time } from "../ui/time";
import { EndDialog } from "./end_dialog";
import { RenameDialog } from "./rename_dialog";
import { type Session, getSession, touchSession, useSessionName } from "./session";

export function SessionPage() {
  const { sessionId = "" } = useParams();
  const texts = useTexts(sessions);
  const session = useLoad((signal) => getSession(sessionId, signal), sessionId);
  useReturn(session.reload);
  const nameOf = useSessionName();
  if (isCode(session.error, "SESSION_NOT_FOUND", "INVALID_REQUEST")) return <NotFound />;
  return (
    <Page title={session.data ? nameOf(session.data) : texts.one} actions={<LinkButton to="/sessions">{texts.all}</LinkButton>}>
      <Ready of={session}>
        {(found) => (
          <>
            <FactsCard session={found} onChanged={(next) => session.replace(() => next)} />
            <StateCard state={found.state} />
            <TokensCard sessionId={found.sessionId} />
          </>
        )}
      </Ready>
    </Page>
  );
}

function NotFound() {
  const texts = useTexts(sessions);
  return (
    <Page title={texts.notFound}>
      <p>{texts.notFoundWhy}</p>
      <div className="row">
        <LinkButton to="/sessions">{texts.all}</LinkButton>
      </div>
    </Page>
  );
}

function FactsCard({ session, onChanged }: { session: Session; onChanged: (session: Session) => void }) {
  const texts = useTexts(sessions);
  const announce = useAnnounce();
  const navigate = useNavigate();
  const [asking, setAsking] = useState<"rename" | "end" | undefined>();
  const resume = useSubmit(async () => {
    onChanged(await touchSession(session.sessionId));
    announce(texts.resumed);
  });
  const close = () => setAsking(undefined);
  return (
    <Card title={texts.facts}>
      <Facts
        facts={[
          [texts.path, session.workspacePath && <code>{session.workspacePath}</code>],
          [texts.lastActiveTime, <Time value={session.lastActiveTime} />],
          [texts.expireTime, <Time value={session.expireTime} />],
          [texts.createTime, <ExactTime value={session.createTime} />],
          [texts.updateTime, <ExactTime value={session.updateTime} />],
          [texts.revision, session.revision],
          [texts.id, <code>{session.sessionId}</code>],
        ]}
      />
      <p className="small muted">{texts.resumeText}</p>
      <ErrorNotice error={resume.error} />
      <div className="row">
        <Button look="primary" onPress={() => void resume.submit()} pending={resume.pending}>
          {texts.resume}
        </Button>
        <CopyButton label={texts.id} value={session.sessionId} text={texts.copyId} />
        <Button onPress={() => setAsking("rename")}>{texts.rename}</Button>
        <Button look="danger" onPress={() => setAsking("end")}>
          {texts.end}
        </Button>
      </div>
      {asking === "rename" && <RenameDialog session={session} onClose={close} onChanged={onChanged} />}
      {asking === "end" && <EndDialog session={session} onClose={close} onEnded={() => void navigate("/sessions")} />}
    </Card>
  );
}

function StateCard({ state }: { state: Session["state"] }) {
  const texts = useTexts(sessions);
  if (Object.keys(state).length === 0) {
    return (
      <Card title={texts.state}>
        <Empty>{texts.noState}</Empty>
      </Card>
    );
  }
  const json = JSON.stringify(sorted(state), null, 2);
  return (
    <Card title={texts.state} actions={<CopyButton label={texts.state} value={json} />}>
      <p className="small muted">{texts.stateText}</p>
      {/* A region that scrolls takes the focus, so that the keyboard can scroll it. */}
      <pre className="json" role="region" aria-label={texts.state} tabIndex={0}>
        {json}
      </pre>
    </Card>
  );
}

/** The same value, with the names of its objects in one order: the API has them in any. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([one], [other]) => one.localeCompare(other));
  return Object.fromEntries(entries.map(([name, inner]) => [name, sorted(inner)]));
}

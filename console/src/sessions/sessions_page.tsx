import type { components } from "@coditect/client";
import { useState } from "react";
import { Link } from "react-aria-components";

import { coditect } from "../app/client";
import { useList, useSubmit } from "../app/loading";
import { common } from "../texts/common";
import { sessions } from "../texts/sessions";
import { useTexts } from "../texts/catalogue";
import { useAnnounce } from "../ui/announce";
import { Button } from "../ui/button";
import { Confirm, Dialog } from "../ui/dialog";
import { Form, TextField } from "../ui/form";
import { Card, Page } from "../ui/page";
import { Rows } from "../ui/states";
import { Time } from "../ui/time";

type Session = components["schemas"]["sessions.Session"];

export function SessionsPage() {
  const texts = useTexts(sessions);
  const announce = useAnnounce();
  const list = useList(async (pageToken, signal) => {
    const query = { orderBy: "lastActiveTime desc", ...(pageToken && { pageToken }) } as const;
    const page = await coditect.get("/api/v5/sessions", { params: { query }, ...(signal && { signal }) });
    return { items: page.sessions, nextPageToken: page.nextPageToken };
  });
  const [opening, setOpening] = useState(false);
  const [ending, setEnding] = useState<Session | undefined>();
  const end = async (session: Session) => {
    await coditect.delete("/api/v5/sessions/{sessionId}", { params: { path: { sessionId: session.sessionId } } });
    announce(texts.ended);
    list.reload();
  };
  return (
    <Page
      title={texts.title}
      actions={
        <Button look="primary" onPress={() => setOpening(true)}>
          {texts.open}
        </Button>
      }
    >
      <Card>
        <Rows of={list} label={texts.title} keyOf={(session) => session.sessionId} empty={texts.none}>
          {(session) => (
            <>
              <div className="what">
                <Link href={`/sessions/${session.sessionId}`}>{session.name}</Link>
                <p className="small muted">
                  {session.workspacePath} {texts.active} <Time value={session.lastActiveTime} />, {texts.ends}{" "}
                  <Time value={session.expireTime} />
                </p>
              </div>
              <Button look="danger" onPress={() => setEnding(session)} aria-label={`${texts.end}: ${session.name}`}>
                {texts.end}
              </Button>
            </>
          )}
        </Rows>
      </Card>
      {opening && <OpenDialog onClose={() => setOpening(false)} onOpened={list.reload} />}
      {ending && (
        <Confirm
          title={texts.endTitle(ending.name)}
          action={texts.end}
          onConfirm={() => end(ending)}
          onClose={() => setEnding(undefined)}
        >
          <p>{texts.endText}</p>
        </Confirm>
      )}
    </Page>
  );
}

function OpenDialog({ onClose, onOpened }: { onClose: () => void; onOpened: () => void }) {
  const texts = useTexts(sessions);
  const buttons = useTexts(common);
  const announce = useAnnounce();
  const submission = useSubmit(async (name: string, workspacePath: string) => {
    await coditect.post("/api/v5/sessions", { body: { name, ...(workspacePath && { workspacePath }) } });
    announce(texts.opened);
    onOpened();
    onClose();
  });
  return (
    <Dialog title={texts.open} onClose={onClose}>
      <Form
        submission={submission}
        onSubmit={({ name, workspacePath }) => void submission.submit(name ?? "", workspacePath ?? "")}
        action={texts.open}
        beside={<Button onPress={onClose}>{buttons.cancel}</Button>}
      >
        <TextField name="name" label={texts.name} autoFocus />
        <TextField name="workspacePath" label={texts.path} required={false} spellCheck={false} />
      </Form>
    </Dialog>
  );
}

import { useState } from "react";

import { useSubmit } from "../app/loading";
import { common } from "../texts/common";
import { sessions } from "../texts/sessions";
import { useTexts } from "../texts/catalogue";
import { useAnnounce } from "../ui/announce";
import { Button } from "../ui/button";
import { Dialog } from "../ui/dialog";
import { Form, TextField } from "../ui/form";
import { Notice } from "../ui/notice";
import { type Session, renameSession, useSessionName } from "./session";

interface Props {
  session: Session;
  onClose: () => void;
  /** The session is another one now: renamed here or elsewhere. */
  onChanged: (session: Session) => void;
}

/** Renames a session, unless it got another name since the dialog was opened: then it asks again. */
export function RenameDialog({ session, onClose, onChanged }: Props) {
  const texts = useTexts(sessions);
  const buttons = useTexts(common);
  const announce = useAnnounce();
  const nameOf = useSessionName();
  // The page below may load the session again meanwhile; what the user saw is what counts.
  const [seen, setSeen] = useState(session);
  const [overtaken, setOvertaken] = useState(false);
  const submission = useSubmit(async (name: string) => {
    const result = await renameSession(seen, name);
    if ("newer" in result) {
      setSeen(result.newer);
      setOvertaken(true);
      onChanged(result.newer);
      return;
    }
    announce(texts.renamed);
    onChanged(result.renamed);
    onClose();
  });
  return (
    <Dialog title={texts.renameTitle(nameOf(session))} onClose={onClose}>
      <Form
        submission={submission}
        onSubmit={({ name }) => void submission.submit(name ?? "")}
        action={buttons.save}
        beside={<Button onPress={onClose}>{overtaken ? texts.keepNewer(nameOf(seen)) : buttons.cancel}</Button>}
      >
        <TextField name="name" label={texts.name} defaultValue={session.name} maxLength={200} autoComplete="off" autoFocus />
        {overtaken && (
          <Notice look="warning" live>
            {texts.overtaken(nameOf(seen))}
          </Notice>
        )}
      </Form>
    </Dialog>
  );
}

import { useState } from "react";

import { coditect, useUser } from "../../app/client";
import { useSubmit } from "../../app/loading";
import { accounts } from "../../texts/accounts";
import { useTexts } from "../../texts/catalogue";
import { useAnnounce } from "../../ui/announce";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Form, TextField } from "../../ui/form";
import { Notice } from "../../ui/notice";
import { Card } from "../../ui/page";
import { useProof } from "../logins/proof";

/** The end of the account. */
export function DeleteCard() {
  const texts = useTexts(accounts);
  const [open, setOpen] = useState(false);
  return (
    <Card title={texts.remove}>
      <p className="muted">{texts.removeWhy}</p>
      <div className="row">
        <Button look="danger" onPress={() => setOpen(true)}>
          {texts.remove}
        </Button>
      </div>
      {open && <DeleteDialog onClose={() => setOpen(false)} />}
    </Card>
  );
}

function DeleteDialog({ onClose }: { onClose: () => void }) {
  const texts = useTexts(accounts);
  const announce = useAnnounce();
  const prove = useProof();
  const { email } = useUser().user;
  const submission = useSubmit(async (password: string) => {
    await prove(() => coditect.delete("/api/v5/auth/me", { body: { password } }));
    announce(texts.removed);
  });
  return (
    <Dialog title={texts.removeTitle} onClose={onClose} alert>
      <ul className="plain">
        {texts.removeMeans.split("\n").map((point) => (
          <li key={point}>{point}</li>
        ))}
      </ul>
      <Notice look="warning">
        <p>{texts.removeNoWayBack}</p>
      </Notice>
      <Form
        submission={submission}
        onSubmit={({ password }) => void submission.submit(password ?? "")}
        action={texts.remove}
        look="danger"
        beside={<Button onPress={onClose}>{texts.keep}</Button>}
      >
        <TextField
          name="email"
          label={texts.removeType(email)}
          autoComplete="off"
          spellCheck={false}
          autoFocus
          validate={(typed) => (isSame(typed, email) ? undefined : texts.removeMismatch)}
        />
        <TextField name="password" type="password" label={texts.password} autoComplete="current-password" />
      </Form>
    </Dialog>
  );
}

function isSame(typed: string, email: string): boolean {
  return typed.trim().toLowerCase() === email.toLowerCase();
}

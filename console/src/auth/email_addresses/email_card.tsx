import { useState } from "react";

import { coditect, useUser } from "../../app/client";
import { useSubmit } from "../../app/loading";
import { common } from "../../texts/common";
import { emailAddresses } from "../../texts/email_addresses";
import { useTexts } from "../../texts/catalogue";
import { useAnnounce } from "../../ui/announce";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Form, TextField } from "../../ui/form";
import { ErrorNotice, Notice } from "../../ui/notice";
import { Badge, Card } from "../../ui/page";
import { useProof } from "../logins/proof";

/** The address of the account: whether it is verified, and its change. */
export function EmailCard({ onChanged }: { onChanged: () => void }) {
  const texts = useTexts(emailAddresses);
  const { user } = useUser();
  const [open, setOpen] = useState<"change" | "verify" | undefined>();
  const send = useSubmit(async () => {
    await coditect.post("/api/v5/auth/email/verification", { body: {} });
    setOpen("verify");
  });
  const close = () => setOpen(undefined);
  return (
    <Card title={texts.title}>
      <div className="row">
        <span className="long">{user.email}</span>
        {user.emailVerified ? (
          <Badge look="good">{texts.verified}</Badge>
        ) : (
          <Badge look="warning">{texts.unverified}</Badge>
        )}
      </div>
      {!user.emailVerified && <p className="muted">{texts.unverifiedWhy}</p>}
      <ErrorNotice error={send.error} />
      <div className="row">
        {!user.emailVerified && (
          <Button look="primary" onPress={() => void send.submit()} pending={send.pending}>
            {texts.verify}
          </Button>
        )}
        <Button onPress={() => setOpen("change")}>{texts.change}</Button>
      </div>
      {open === "change" && <ChangeDialog onClose={close} onChanged={onChanged} />}
      {open === "verify" && (
        <Dialog title={texts.verifyTitle} onClose={close}>
          <CodeForm email={user.email} onClose={close} onVerified={onChanged} />
        </Dialog>
      )}
    </Card>
  );
}

function ChangeDialog({ onClose, onChanged }: { onClose: () => void; onChanged: () => void }) {
  const texts = useTexts(emailAddresses);
  const buttons = useTexts(common);
  const prove = useProof();
  const [sentTo, setSentTo] = useState("");
  const submission = useSubmit(async (newEmail: string) => {
    await prove(() => coditect.post("/api/v5/auth/email", { body: { newEmail } }));
    setSentTo(newEmail);
  });
  return (
    <Dialog title={texts.changeTitle} onClose={onClose}>
      {sentTo ? (
        <CodeForm email={sentTo} onClose={onClose} onVerified={onChanged} />
      ) : (
        <>
          <p className="muted">{texts.changeWhy}</p>
          <Form
            submission={submission}
            onSubmit={({ newEmail }) => void submission.submit(newEmail ?? "")}
            action={texts.send}
            beside={<Button onPress={onClose}>{buttons.cancel}</Button>}
          >
            <TextField name="newEmail" type="email" label={texts.newEmail} autoComplete="email" autoFocus />
          </Form>
        </>
      )}
    </Dialog>
  );
}

interface CodeFormProps {
  /** Where the email went. */
  email: string;
  onClose: () => void;
  onVerified: () => void;
}

/** Takes the code in the email; its link opens a page of its own. */
function CodeForm({ email, onClose, onVerified }: CodeFormProps) {
  const texts = useTexts(emailAddresses);
  const buttons = useTexts(common);
  const announce = useAnnounce();
  const submission = useSubmit(async (code: string) => {
    await coditect.post("/api/v5/auth/email/verify", { body: { email, code } });
    announce(texts.done(email));
    onVerified();
    onClose();
  });
  return (
    <>
      <Notice look="info" live>
        <p>{texts.sent(email)}</p>
      </Notice>
      <Form
        submission={submission}
        onSubmit={({ code }) => void submission.submit(code ?? "")}
        action={texts.confirm}
        beside={<Button onPress={onClose}>{buttons.close}</Button>}
      >
        <TextField
          name="code"
          label={texts.code}
          description={texts.codeHint}
          autoComplete="one-time-code"
          spellCheck={false}
          autoFocus
        />
      </Form>
      <p className="small muted">{texts.spam}</p>
    </>
  );
}

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
import { type Proof, ProofForm } from "../one_time_tokens/proof_form";
import { verify } from "./verification";

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
        <bdi className="long">{user.email}</bdi>
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
          <CodeForm link="/verify-email" email={user.email} onClose={close} onVerified={onChanged} />
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
        <CodeForm link="/change-email" email={sentTo} onClose={onClose} onVerified={onChanged} />
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
  /** The path of the link in the email, which opens a page of its own. */
  link: string;
  /** Where the email went. */
  email: string;
  onClose: () => void;
  onVerified: () => void;
}

/** Takes the code in the email. */
function CodeForm({ link, email, onClose, onVerified }: CodeFormProps) {
  const texts = useTexts(emailAddresses);
  const buttons = useTexts(common);
  const announce = useAnnounce();
  const prove = async (proof: Proof) => {
    await verify(proof);
    announce(texts.done(email));
    onVerified();
    onClose();
  };
  return (
    <>
      <Notice live>
        <p>{texts.sent(email)}</p>
      </Notice>
      <ProofForm
        link={link}
        email={email}
        onProof={prove}
        action={texts.confirm}
        beside={<Button onPress={onClose}>{buttons.close}</Button>}
      />
      <p className="small muted">{texts.spam}</p>
    </>
  );
}

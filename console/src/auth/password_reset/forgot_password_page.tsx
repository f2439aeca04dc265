import { useState } from "react";
import { Link } from "react-aria-components";
import { useLocation } from "react-router";

import { coditect } from "../../app/client";
import { useSubmit } from "../../app/loading";
import { withNext } from "../../app/next";
import { passwordReset } from "../../texts/password_reset";
import { useTexts } from "../../texts/catalogue";
import { useAnnounce } from "../../ui/announce";
import { Button } from "../../ui/button";
import { Form, TextField } from "../../ui/form";
import { ErrorNotice, Notice } from "../../ui/notice";
import { Card, Page } from "../../ui/page";
import { NewPassword, ProofForm } from "../one_time_tokens/proof_form";
import { PasswordSet, setPassword } from "./password_set";

export function ForgotPasswordPage() {
  const texts = useTexts(passwordReset);
  const { search } = useLocation();
  const [email, setEmail] = useState("");
  const [done, setDone] = useState(false);
  if (done) return <PasswordSet />;
  return (
    <Page key={email} title={email ? texts.resetTitle : texts.forgotTitle}>
      <Card>
        {email ? (
          <Sent email={email} onBack={() => setEmail("")} onDone={() => setDone(true)} />
        ) : (
          <Ask onSent={setEmail} />
        )}
      </Card>
      <p>
        <Link href={withNext("/login", search)}>{texts.back}</Link>
      </p>
    </Page>
  );
}

function Ask({ onSent }: { onSent: (email: string) => void }) {
  const texts = useTexts(passwordReset);
  const submission = useSubmit(async (email: string) => {
    await coditect.post("/api/v5/auth/password/forgot", { body: { email } });
    onSent(email);
  });
  return (
    <>
      <p>{texts.forgotWhy}</p>
      <Form submission={submission} onSubmit={({ email = "" }) => void submission.submit(email)} action={texts.send}>
        <TextField name="email" type="email" label={texts.email} autoComplete="username" autoFocus />
      </Form>
    </>
  );
}

function Sent({ email, onBack, onDone }: { email: string; onBack: () => void; onDone: () => void }) {
  const texts = useTexts(passwordReset);
  const announce = useAnnounce();
  const again = useSubmit(async () => {
    await coditect.post("/api/v5/auth/password/forgot", { body: { email } });
    announce(texts.sentAgain);
  });
  return (
    <>
      <Notice look="good" live>
        {texts.sent(email)}
      </Notice>
      <ProofForm
        link="/reset-password"
        email={email}
        onProof={async (proof, { newPassword = "" }) => {
          await setPassword(proof, newPassword);
          onDone();
        }}
        action={texts.set}
      >
        <NewPassword />
      </ProofForm>
      <ErrorNotice error={again.error} />
      <div className="row">
        <Button look="quiet" onPress={() => void again.submit()} pending={again.pending}>
          {texts.again}
        </Button>
        <Button look="quiet" onPress={onBack}>
          {texts.otherAddress}
        </Button>
      </div>
    </>
  );
}

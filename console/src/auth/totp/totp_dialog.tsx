import type { components } from "@coditect/client";
import { useState } from "react";

import { coditect } from "../../app/client";
import { useSubmit } from "../../app/loading";
import { common } from "../../texts/common";
import { factors } from "../../texts/factors";
import { useTexts } from "../../texts/catalogue";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Form, TextField } from "../../ui/form";
import { CopyField } from "../../ui/secret";
import { useProof } from "../logins/proof";
import { QrCode } from "./qr_code";

type Enrolled = components["schemas"]["auth.EnrollTotpResponse"];

interface Props {
  onClose: () => void;
  /** Gets the recovery codes that came with it; none if there was a factor before. */
  onAdded: (codes: readonly string[]) => void;
}

/** Sets up an authenticator app: its name first, then its secret and its first code. */
export function TotpDialog({ onClose, onAdded }: Props) {
  const texts = useTexts(factors);
  const [enrolled, setEnrolled] = useState<Enrolled | undefined>();
  return (
    <Dialog title={texts.addApp} onClose={onClose} stays={enrolled !== undefined}>
      {enrolled ? (
        <CodeForm enrolled={enrolled} onClose={onClose} onAdded={onAdded} />
      ) : (
        <NameForm onClose={onClose} onEnrolled={setEnrolled} />
      )}
    </Dialog>
  );
}

function NameForm({ onClose, onEnrolled }: { onClose: () => void; onEnrolled: (enrolled: Enrolled) => void }) {
  const texts = useTexts(factors);
  const buttons = useTexts(common);
  const prove = useProof();
  const submission = useSubmit(async (name: string) => {
    onEnrolled(await prove(() => coditect.post("/api/v5/auth/factors/totp", { body: { name } })));
  });
  return (
    <Form
      submission={submission}
      onSubmit={({ name }) => void submission.submit(name ?? "")}
      action={texts.next}
      beside={<Button onPress={onClose}>{buttons.cancel}</Button>}
    >
      <TextField
        name="name"
        label={texts.name}
        description={texts.nameHint}
        defaultValue={texts.appName}
        autoComplete="off"
        autoFocus
      />
    </Form>
  );
}

function CodeForm({ enrolled, onClose, onAdded }: Props & { enrolled: Enrolled }) {
  const texts = useTexts(factors);
  const buttons = useTexts(common);
  const prove = useProof();
  const submission = useSubmit(async (code: string) => {
    const init = { params: { path: { factorId: enrolled.factorId } }, body: { code } };
    const confirmed = await prove(() => coditect.post("/api/v5/auth/factors/totp/{factorId}/confirm", init));
    onAdded(confirmed.recoveryCodes);
  });
  return (
    <>
      <p>{texts.scan}</p>
      <QrCode svg={enrolled.qrSvg} />
      <CopyField label={texts.secret} value={enrolled.secret} />
      <Form
        submission={submission}
        onSubmit={({ code }) => void submission.submit(code ?? "")}
        action={texts.confirm}
        beside={<Button onPress={onClose}>{buttons.cancel}</Button>}
      >
        <TextField
          name="code"
          label={texts.code}
          description={texts.thenCode}
          inputMode="numeric"
          autoComplete="one-time-code"
          autoFocus
        />
      </Form>
    </>
  );
}

import { coditect } from "../../app/client";
import { useSubmit } from "../../app/loading";
import { common } from "../../texts/common";
import { factors } from "../../texts/factors";
import { useTexts } from "../../texts/catalogue";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Form, TextField } from "../../ui/form";
import { Notice } from "../../ui/notice";
import { useDeviceName } from "../logins/device_name";
import { makePasskey } from "../logins/passkeys";
import { useProof } from "../logins/proof";

interface Props {
  onClose: () => void;
  /** Gets the recovery codes that came with it; none if there was a factor before. */
  onAdded: (codes: readonly string[]) => void;
}

/** Has the browser create a passkey, and adds it to the account. */
export function PasskeyDialog({ onClose, onAdded }: Props) {
  const texts = useTexts(factors);
  const buttons = useTexts(common);
  const prove = useProof();
  const device = useDeviceName();
  const submission = useSubmit(async (name: string) => {
    const { options } = await prove(() => coditect.post("/api/v5/auth/factors/passkeys/options", { body: {} }));
    const credential = await makePasskey(options);
    const created = await prove(() => coditect.post("/api/v5/auth/factors/passkeys", { body: { credential, name } }));
    onAdded(created.recoveryCodes);
  });
  return (
    <Dialog title={texts.addPasskey} onClose={onClose}>
      {typeof PublicKeyCredential === "undefined" ? (
        <>
          <Notice look="warning">{texts.noPasskeys}</Notice>
          <div className="actions">
            <Button onPress={onClose}>{buttons.close}</Button>
          </div>
        </>
      ) : (
        <>
          <p className="muted">{texts.passkeyWhy}</p>
          <Form
            submission={submission}
            onSubmit={({ name }) => void submission.submit(name ?? "")}
            action={texts.passkeyAction}
            beside={<Button onPress={onClose}>{buttons.cancel}</Button>}
          >
            <TextField
              name="name"
              label={texts.name}
              description={texts.nameHint}
              defaultValue={device(navigator.userAgent)}
              autoComplete="off"
              maxLength={100}
              autoFocus
            />
          </Form>
        </>
      )}
    </Dialog>
  );
}

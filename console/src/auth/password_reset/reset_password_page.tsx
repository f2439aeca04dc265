import { useState } from "react";
import { Link } from "react-aria-components";

import { passwordReset } from "../../texts/password_reset";
import { useTexts } from "../../texts/catalogue";
import { Card, Page } from "../../ui/page";
import { NewPassword, ProofForm } from "../one_time_tokens/proof_form";
import { PasswordSet, setPassword } from "./password_set";

/** The page behind the link that resets a password. */
export function ResetPasswordPage() {
  const texts = useTexts(passwordReset);
  const [done, setDone] = useState(false);
  if (done) return <PasswordSet />;
  return (
    <Page title={texts.resetTitle}>
      <Card>
        <p>{texts.resetWhy}</p>
        <p className="small muted">{texts.unprovedWhy}</p>
        <ProofForm
          link="/reset-password"
          onProof={async (proof, { newPassword = "" }) => {
            await setPassword(proof, newPassword);
            setDone(true);
          }}
          action={texts.set}
        >
          <NewPassword />
        </ProofForm>
      </Card>
      <p>
        <Link href="/forgot-password">{texts.askAgain}</Link>
      </p>
    </Page>
  );
}

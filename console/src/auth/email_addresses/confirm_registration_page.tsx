import { useNavigate } from "react-router";

import { coditect } from "../../app/client";
import { emailProofs } from "../../texts/email_proofs";
import { useTexts } from "../../texts/catalogue";
import { TextField } from "../../ui/form";
import { Card, Page } from "../../ui/page";
import { ProofForm } from "../one_time_tokens/proof_form";
import { verifyAndLogIn } from "./verification";

/** The page behind the link that makes an account, where addresses must be proved first. */
export function ConfirmRegistrationPage() {
  const texts = useTexts(emailProofs);
  const navigate = useNavigate();
  return (
    <Page title={texts.confirmTitle}>
      <Card>
        <p>{texts.confirmWhy}</p>
        <ProofForm
          link="/confirm-registration"
          onProof={async (proof, { newPassword = "" }) => {
            await verifyAndLogIn(proof, newPassword);
            const { state } = coditect;
            // Another password than the registered one makes an account without a name.
            const named = state.status !== "signedIn" || state.user.firstName !== "";
            await navigate(named ? "/" : "/account", { replace: true });
          }}
          action={texts.confirm}
        >
          {/* The contract's name of the field: here it is the password of the registration. */}
          <TextField
            name="newPassword"
            type="password"
            label={texts.confirmPassword}
            description={texts.confirmHint}
            autoComplete="current-password"
            autoFocus
          />
        </ProofForm>
      </Card>
    </Page>
  );
}

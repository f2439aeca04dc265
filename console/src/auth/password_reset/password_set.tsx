import { useLocation } from "react-router";

import { checkLogin, coditect } from "../../app/client";
import { withNext } from "../../app/next";
import { passwordReset } from "../../texts/password_reset";
import { useTexts } from "../../texts/catalogue";
import { Page } from "../../ui/page";
import { Done } from "../one_time_tokens/done";
import type { Proof } from "../one_time_tokens/proof_form";

/** Sets a new password, and ends all logins of the account. */
export async function setPassword(proof: Proof, newPassword: string): Promise<void> {
  await coditect.post("/api/v5/auth/password/reset", { body: { ...proof, newPassword } });
  await checkLogin();
}

export function PasswordSet() {
  const texts = useTexts(passwordReset);
  const { search } = useLocation();
  return (
    <Page title={texts.done}>
      <Done to={withNext("/login", search)}>{texts.doneWhy}</Done>
    </Page>
  );
}

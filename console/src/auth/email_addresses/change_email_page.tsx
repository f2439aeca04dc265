import { useState } from "react";

import { useLogin } from "../../app/client";
import { Starting } from "../../app/start";
import { emailProofs } from "../../texts/email_proofs";
import { useTexts } from "../../texts/catalogue";
import { Card, Page } from "../../ui/page";
import { Done } from "../one_time_tokens/done";
import { ProofForm } from "../one_time_tokens/proof_form";
import { LogInFirst, OtherAccount } from "../one_time_tokens/whose_account";
import { verify } from "./verification";

/** The page behind the link that proves a new address: it needs a login to the account that gets it. */
export function ChangeEmailPage() {
  const texts = useTexts(emailProofs);
  const state = useLogin();
  const [changed, setChanged] = useState("");
  return (
    <Page title={texts.changeTitle}>
      {changed && <Done to="/account">{texts.changed(changed)}</Done>}
      {!changed && state.status === "starting" && <Starting />}
      {!changed && state.status === "signedIn" && <Change email={state.user.email} onChanged={setChanged} />}
      {!changed && state.status === "signedOut" && <LogInFirst why={texts.changeLogIn} />}
    </Page>
  );
}

function Change({ email, onChanged }: { email: string; onChanged: (email: string) => void }) {
  const texts = useTexts(emailProofs);
  return (
    <Card>
      <p>{texts.changeWhy(email)}</p>
      <ProofForm
        link="/change-email"
        emailLabel={texts.newEmail}
        onProof={async (proof) => onChanged((await verify(proof)).email)}
        action={texts.change}
      />
      <OtherAccount />
    </Card>
  );
}

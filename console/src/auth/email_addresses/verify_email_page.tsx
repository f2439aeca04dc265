import { useState } from "react";

import { useLogin } from "../../app/client";
import { Starting } from "../../app/start";
import { emailProofs } from "../../texts/email_proofs";
import { useTexts } from "../../texts/catalogue";
import { Notice } from "../../ui/notice";
import { Card, Page } from "../../ui/page";
import { Done } from "../one_time_tokens/done";
import { NewPassword, ProofForm } from "../one_time_tokens/proof_form";
import { LogInFirst, OtherAccount } from "../one_time_tokens/whose_account";
import { verify } from "./verification";

/** The page behind the link that proves the address of an account. */
export function VerifyEmailPage() {
  const texts = useTexts(emailProofs);
  const state = useLogin();
  const [done, setDone] = useState("");
  return (
    <Page title={texts.verifyTitle}>
      {done && <Done to={state.status === "signedIn" ? "/" : "/login"}>{done}</Done>}
      {!done && state.status === "starting" && <Starting />}
      {!done && state.status === "signedIn" && <OfOwnAccount email={state.user.email} onDone={setDone} />}
      {!done && state.status === "signedOut" && <WithoutLogin onDone={setDone} />}
    </Page>
  );
}

function OfOwnAccount({ email, onDone }: { email: string; onDone: (text: string) => void }) {
  const texts = useTexts(emailProofs);
  return (
    <Card>
      <p>{texts.verifyWhy(email)}</p>
      <ProofForm
        link="/verify-email"
        email={email}
        onProof={async (proof) => {
          await verify(proof);
          onDone(texts.verified);
        }}
        action={texts.verify}
      />
      <OtherAccount />
    </Card>
  );
}

function WithoutLogin({ onDone }: { onDone: (text: string) => void }) {
  const texts = useTexts(emailProofs);
  return (
    <>
      <LogInFirst why={texts.logInWhy} />
      <Card title={texts.startOverTitle}>
        <Notice look="warning">{texts.startOverWhy}</Notice>
        <ProofForm
          link="/verify-email"
          onProof={async (proof, { newPassword }) => {
            await verify(proof, newPassword);
            onDone(texts.startedOver);
          }}
          action={texts.startOver}
          look="danger"
        >
          <NewPassword />
        </ProofForm>
      </Card>
    </>
  );
}

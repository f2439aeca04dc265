import { useState } from "react";
import { useLocation } from "react-router";

import { coditect, useLogin } from "../../app/client";
import { Starting } from "../../app/start";
import { emailProofs } from "../../texts/email_proofs";
import { proofs } from "../../texts/proofs";
import { useTexts } from "../../texts/catalogue";
import { Button, LinkButton } from "../../ui/button";
import { Notice } from "../../ui/notice";
import { Card, Page } from "../../ui/page";
import { Done } from "../one_time_tokens/done";
import { NewPassword, ProofForm } from "../one_time_tokens/proof_form";
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
      <div className="row">
        <span className="muted">{texts.otherAccount}</span>
        <Button look="quiet" onPress={() => void coditect.logout()}>
          {texts.switchAccount}
        </Button>
      </div>
    </Card>
  );
}

function WithoutLogin({ onDone }: { onDone: (text: string) => void }) {
  const texts = useTexts(emailProofs);
  const buttons = useTexts(proofs);
  const next = useLocation().pathname;
  return (
    <>
      <Card>
        <p>{texts.logInWhy}</p>
        <div className="row">
          <LinkButton to={`/login?${new URLSearchParams({ next })}`} look="primary">
            {buttons.toLogin}
          </LinkButton>
        </div>
      </Card>
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

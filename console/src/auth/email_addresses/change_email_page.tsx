import { useState } from "react";
import { useLocation } from "react-router";

import { coditect, useLogin } from "../../app/client";
import { Starting } from "../../app/start";
import { emailProofs } from "../../texts/email_proofs";
import { proofs } from "../../texts/proofs";
import { useTexts } from "../../texts/catalogue";
import { Button, LinkButton } from "../../ui/button";
import { Card, Page } from "../../ui/page";
import { Done } from "../one_time_tokens/done";
import { ProofForm } from "../one_time_tokens/proof_form";
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
      {!changed && state.status === "signedOut" && <LogInFirst />}
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
      <div className="row">
        <span className="muted">{texts.otherAccount}</span>
        <Button look="quiet" onPress={() => void coditect.logout()}>
          {texts.switchAccount}
        </Button>
      </div>
    </Card>
  );
}

function LogInFirst() {
  const texts = useTexts(emailProofs);
  const buttons = useTexts(proofs);
  const next = useLocation().pathname;
  return (
    <Card>
      <p>{texts.changeLogIn}</p>
      <div className="row">
        <LinkButton to={`/login?${new URLSearchParams({ next })}`} look="primary">
          {buttons.toLogin}
        </LinkButton>
      </div>
    </Card>
  );
}

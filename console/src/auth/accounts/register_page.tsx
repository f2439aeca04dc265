import { isCode, type Body } from "@coditect/client";
import { useState } from "react";
import { Link } from "react-aria-components";
import { Navigate, useLocation } from "react-router";

import { coditect, useLogin } from "../../app/client";
import { useSubmit } from "../../app/loading";
import { nextOf, withNext } from "../../app/next";
import { logins } from "../../texts/logins";
import { proofs } from "../../texts/proofs";
import { registration } from "../../texts/registration";
import { useLanguage, useTexts } from "../../texts/catalogue";
import { useAnnounce } from "../../ui/announce";
import { Button } from "../../ui/button";
import { Form, TextField } from "../../ui/form";
import { ErrorNotice, Notice } from "../../ui/notice";
import { Card, Page } from "../../ui/page";
import { Invited } from "../../tenants/invitations/invited";
import { verifyAndLogIn } from "../email_addresses/verification";
import { ProofForm } from "../one_time_tokens/proof_form";

type Registration = Body<"/api/v5/auth/register">;

export function RegisterPage() {
  const texts = useTexts(registration);
  const state = useLogin();
  const { search } = useLocation();
  /** What was registered, where the address must be proved before there is an account. */
  const [waiting, setWaiting] = useState<Registration | undefined>();
  if (state.status === "signedIn") return <Navigate to={nextOf(search)} replace />;
  if (waiting) {
    return (
      <Page key="mail" title={texts.mailTitle}>
        <Mailed given={waiting} onBack={() => setWaiting(undefined)} />
      </Page>
    );
  }
  return (
    <Page title={texts.title}>
      <Invited />
      <RegisterForm onWaiting={setWaiting} />
    </Page>
  );
}

/** Registers. Emails to the user are in the language of the page. Resolves to whether there is a login now. */
async function register(body: Registration, language: string): Promise<boolean> {
  const answer = await coditect.post("/api/v5/auth/register", { body, headers: { "Accept-Language": language } });
  return "user" in answer;
}

function RegisterForm({ onWaiting }: { onWaiting: (given: Registration) => void }) {
  const texts = useTexts(registration);
  const announce = useAnnounce();
  const language = useLanguage();
  const submission = useSubmit(async (given: Registration) => {
    if (await register(given, language)) announce(texts.welcome);
    else onWaiting(given);
  });
  return (
    <Card>
      <Form
        submission={submission}
        onSubmit={({ email = "", password = "", firstName = "", lastName = "" }) =>
          void submission.submit({ email, password, firstName, lastName })
        }
        action={texts.create}
      >
        <TextField name="firstName" label={texts.firstName} autoComplete="given-name" autoFocus />
        <TextField name="lastName" label={texts.lastName} autoComplete="family-name" />
        <TextField name="email" type="email" label={texts.email} autoComplete="username" />
        <TextField
          name="password"
          type="password"
          label={texts.password}
          description={useTexts(proofs).newPasswordHint}
          autoComplete="new-password"
        />
      </Form>
      {isCode(submission.error, "EMAIL_TAKEN") && <Notice>{texts.takenWhy}</Notice>}
      <Ways />
    </Card>
  );
}

function Ways() {
  const texts = useTexts(registration);
  const ways = useTexts(logins);
  const { search } = useLocation();
  return (
    <p>
      {texts.haveAccount} <Link href={withNext("/login", search)}>{ways.login}</Link>
      {" · "}
      <Link href={withNext("/forgot-password", search)}>{ways.forgot}</Link>
    </p>
  );
}

function Mailed({ given, onBack }: { given: Registration; onBack: () => void }) {
  const texts = useTexts(registration);
  const announce = useAnnounce();
  const language = useLanguage();
  const again = useSubmit(async () => {
    await register(given, language);
    announce(texts.sentAgain);
  });
  return (
    <Card>
      <Notice look="good" live>
        {texts.mailSent(given.email)}
      </Notice>
      <p>{texts.mailHow}</p>
      <ProofForm
        link="/confirm-registration"
        email={given.email}
        onProof={(proof) => verifyAndLogIn(proof, given.password)}
        action={texts.confirm}
      />
      <ErrorNotice error={again.error} />
      <div className="row">
        <Button look="quiet" onPress={() => void again.submit()} pending={again.pending}>
          {texts.again}
        </Button>
        <Button look="quiet" onPress={onBack}>
          {texts.otherAddress}
        </Button>
      </div>
    </Card>
  );
}

import { type Challenge, isCode } from "@coditect/client";
import { type ReactNode, useState } from "react";
import { Link } from "react-aria-components";
import { Navigate, useLocation } from "react-router";

import { coditect, useLogin } from "../../app/client";
import { useSubmit } from "../../app/loading";
import { nextOf, withNext } from "../../app/next";
import { emailProofs } from "../../texts/email_proofs";
import { factorRecovery } from "../../texts/factor_recovery";
import { logins } from "../../texts/logins";
import { useTexts } from "../../texts/catalogue";
import { Invited } from "../../tenants/invitations/invited";
import { Button } from "../../ui/button";
import { Form, TextField } from "../../ui/form";
import { ErrorNotice, Notice } from "../../ui/notice";
import { Card, Page } from "../../ui/page";
import { Unverified } from "../email_addresses/unverified";
import { LostFactors } from "../factors/lost_factors";
import { ChallengeForm } from "./challenge_form";
import { signWithPasskey } from "./passkeys";

interface Credentials {
  readonly email: string;
  readonly password: string;
}

/** Where a login is; the password is kept no longer than it is needed. */
type Step =
  | { readonly name: "begin" }
  | { readonly name: "challenge" | "lost"; readonly email: string; readonly challenge: Challenge }
  | { readonly name: "unverified"; readonly credentials: Credentials };

export function LoginPage() {
  const state = useLogin();
  const { search } = useLocation();
  return state.status === "signedIn" ? <Navigate to={nextOf(search)} replace /> : <LoginSteps search={search} />;
}

interface LoginStepsProps {
  /** The `?next=` to which a registration or a reset of the password leads back. */
  search: string;
  /** Whom the form expects. */
  email?: string;
  /** What stands above the form, such as what the user logs in for. */
  children?: ReactNode;
}

/** A login in as many steps as it needs; it is over when there is a user. */
export function LoginSteps({ search, email = "", children }: LoginStepsProps) {
  const texts = useTexts(logins);
  const lost = useTexts(factorRecovery);
  const unverified = useTexts(emailProofs);
  const state = useLogin();
  const [step, setStep] = useState<Step>({ name: "begin" });
  const begin = () => setStep({ name: "begin" });
  const challenged = (challenge: Challenge, email: string) => setStep({ name: "challenge", challenge, email });
  const titles = {
    begin: texts.login,
    challenge: texts.secondFactor,
    lost: lost.lostTitle,
    unverified: unverified.unverifiedTitle,
  };
  return (
    <Page key={step.name} title={titles[step.name]}>
      {state.status === "signedOut" && state.reason === "ended" && <Notice look="warning">{texts.ended}</Notice>}
      {children}
      <Invited />
      <Card>
        {step.name === "begin" && (
          <PasswordForm
            search={search}
            email={email}
            onChallenge={challenged}
            onUnverified={(credentials) => setStep({ name: "unverified", credentials })}
          />
        )}
        {step.name === "challenge" && (
          <ChallengeForm challenge={step.challenge} onLost={() => setStep({ ...step, name: "lost" })} onBack={begin} />
        )}
        {step.name === "lost" && (
          <LostFactors challengeToken={step.challenge.token} email={step.email} onBack={begin} />
        )}
        {step.name === "unverified" && (
          <Unverified {...step.credentials} onChallenge={challenged} onBack={begin} />
        )}
      </Card>
    </Page>
  );
}

interface PasswordFormProps {
  search: string;
  email: string;
  onChallenge: (challenge: Challenge, email: string) => void;
  /** The password is right, but the address must be proved first. */
  onUnverified: (credentials: Credentials) => void;
}

function PasswordForm({ search, email, onChallenge, onUnverified }: PasswordFormProps) {
  const texts = useTexts(logins);
  const submission = useSubmit(async (email: string, password: string) => {
    try {
      const { challenge } = await coditect.login({ email, password });
      if (challenge) onChallenge(challenge, email);
    } catch (error) {
      if (!isCode(error, "EMAIL_NOT_VERIFIED")) throw error;
      onUnverified({ email, password });
    }
  });
  return (
    <>
      <Form
        submission={submission}
        onSubmit={({ email, password }) => void submission.submit(email ?? "", password ?? "")}
        action={texts.login}
        beside={<Link href={withNext("/forgot-password", search)}>{texts.forgot}</Link>}
      >
        <TextField
          name="email"
          type="email"
          label={texts.email}
          autoComplete="username webauthn"
          defaultValue={email}
          autoFocus={!email}
        />
        <TextField
          name="password"
          type="password"
          label={texts.password}
          autoComplete="current-password"
          autoFocus={email !== ""}
        />
      </Form>
      <ByPasskey />
      <p>
        {texts.noAccount} <Link href={withNext("/register", search)}>{texts.register}</Link>
      </p>
    </>
  );
}

function ByPasskey() {
  const texts = useTexts(logins);
  const passkey = useSubmit(async () => {
    const { options } = await coditect.post("/api/v5/auth/login/passkey/options");
    await coditect.loginWithPasskey({ credential: await signWithPasskey(options) });
  });
  return (
    <>
      <ErrorNotice error={passkey.error} />
      <div className="row">
        <Button onPress={() => void passkey.submit()} pending={passkey.pending}>
          {texts.withPasskey}
        </Button>
      </div>
    </>
  );
}

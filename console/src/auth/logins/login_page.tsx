import { useState } from "react";
import { Link } from "react-aria-components";
import { Navigate, useLocation } from "react-router";

import { coditect, useLogin } from "../../app/client";
import { withNext, nextOf } from "../../app/next";
import { useSubmit } from "../../app/loading";
import { logins } from "../../texts/logins";
import { useTexts } from "../../texts/catalogue";
import { Button } from "../../ui/button";
import { Form, TextField } from "../../ui/form";
import { ErrorNotice, Notice } from "../../ui/notice";
import { Card, Page } from "../../ui/page";
import { signWithPasskey } from "./passkeys";
import { type Kind, SecondFactorForm } from "./second_factor_form";

interface Challenge {
  readonly token: string;
  readonly kinds: readonly Kind[];
  readonly passkeyOptions?: Record<string, unknown>;
}

export function LoginPage() {
  const texts = useTexts(logins);
  const state = useLogin();
  const location = useLocation();
  const [challenge, setChallenge] = useState<Challenge | undefined>();
  if (state.status === "signedIn") return <Navigate to={nextOf(location.search)} replace />;
  return (
    <Page title={challenge ? texts.secondFactor : texts.login}>
      {state.status === "signedOut" && state.reason === "ended" && <Notice look="warning">{texts.ended}</Notice>}
      <Card>
        {challenge ? (
          <ChallengeForm challenge={challenge} />
        ) : (
          <PasswordForm onChallenge={setChallenge} />
        )}
      </Card>
    </Page>
  );
}

function PasswordForm({ onChallenge }: { onChallenge: (challenge: Challenge) => void }) {
  const texts = useTexts(logins);
  const { search } = useLocation();
  const submission = useSubmit(async (email: string, password: string) => {
    const result = await coditect.login({ email, password });
    if (result.challenge) onChallenge(result.challenge as Challenge);
  });
  const passkey = useSubmit(async () => {
    const { options } = await coditect.post("/api/v5/auth/login/passkey/options");
    await coditect.loginWithPasskey({ credential: await signWithPasskey(options) });
  });
  return (
    <div className="stack">
      <Form
        submission={submission}
        onSubmit={({ email, password }) => void submission.submit(email ?? "", password ?? "")}
        action={texts.login}
        beside={<Link href={withNext("/forgot-password", search)}>{texts.forgot}</Link>}
      >
        <TextField name="email" type="email" label={texts.email} autoComplete="username webauthn" autoFocus />
        <TextField name="password" type="password" label={texts.password} autoComplete="current-password" />
      </Form>
      <ErrorNotice error={passkey.error} />
      <div className="row">
        <Button onPress={() => void passkey.submit()} pending={passkey.pending}>
          {texts.withPasskey}
        </Button>
      </div>
      <p>
        {texts.noAccount} <Link href={withNext("/register", search)}>{texts.register}</Link>
      </p>
    </div>
  );
}

function ChallengeForm({ challenge }: { challenge: Challenge }) {
  const texts = useTexts(logins);
  return (
    <div className="stack">
      <p className="muted">{texts.secondFactorWhy}</p>
      <SecondFactorForm
        kinds={challenge.kinds}
        passkeyOptions={async () => challenge.passkeyOptions ?? {}}
        onAnswer={(answer) => coditect.loginWithSecondFactor({ challengeToken: challenge.token, ...answer })}
      />
    </div>
  );
}

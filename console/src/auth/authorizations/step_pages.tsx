/** The steps between a login and the consent, which a program can ask for. */

import type { ReactNode } from "react";

import { coditect, useUser } from "../../app/client";
import { useSubmit } from "../../app/loading";
import { Reauthentication } from "../logins/reauthentication";
import { authorizations } from "../../texts/authorizations";
import { useTexts } from "../../texts/catalogue";
import { Button, LinkButton } from "../../ui/button";
import { ErrorNotice, Notice } from "../../ui/notice";
import { Card, Page } from "../../ui/page";
import type { Asked, StepProps } from "./authorize_page";
import { ProgramName } from "./consent";

/** The program wants a login, although there is one (`prompt=login select_account`). */
export function LoginAgainPage({ asked, onRefuse }: StepProps) {
  const texts = useTexts(authorizations);
  const { user } = useUser();
  return (
    <Step title={texts.again} asked={asked} what={texts.againWhy}>
      <p>
        {texts.you} <bdi>{user.email}</bdi>.
      </p>
      <LogOut onRefuse={onRefuse} text={texts.logInAgain} primary />
    </Step>
  );
}

/** `prompt=select_account` */
export function SelectAccountPage({ asked, onDone, onRefuse }: StepProps) {
  const texts = useTexts(authorizations);
  const { user } = useUser();
  return (
    <Step title={texts.whichAccount} asked={asked} what={texts.whichAccountWhy}>
      <div className="row">
        <Button look="primary" onPress={onDone}>
          {texts.continueAs(user.email)}
        </Button>
      </div>
      <LogOut onRefuse={onRefuse} text={texts.otherAccount} />
    </Step>
  );
}

/** A fresh proof: `prompt=login`, `max_age`, or the second factor that `acr_values` asks for. */
export function ProofPage({ asked, onDone, onRefuse }: StepProps) {
  const texts = useTexts(authorizations);
  const { user } = useUser();
  return (
    <Step title={texts.proof} asked={asked} what={texts.proofWhy}>
      <p>
        {texts.you} <bdi>{user.email}</bdi>.
      </p>
      <Reauthentication onProved={onDone} onClose={onRefuse} close={texts.refuse} />
    </Step>
  );
}

/** The program wants two factors, and the user has one. */
export function EnrollPage({ asked, onRefuse }: StepProps) {
  const texts = useTexts(authorizations);
  return (
    <Step title={texts.enroll} asked={asked} what={texts.enrollWhy}>
      <p>{texts.enrollHow}</p>
      <div className="row">
        <LinkButton to="/account/security" look="primary">
          {texts.enrollDo}
        </LinkButton>
        <Button onPress={onRefuse}>{texts.refuse}</Button>
      </div>
    </Step>
  );
}

function Step({ title, asked, what, children }: { title: string; asked: Asked; what: string; children: ReactNode }) {
  const texts = useTexts(authorizations);
  return (
    <Page title={title}>
      <Card>
        <p>
          <ProgramName name={asked.clientName} /> {what}
        </p>
        {!asked.clientKnown && <Notice look="warning">{texts.unknown}</Notice>}
        {children}
      </Card>
    </Page>
  );
}

/** A logout, after which the page asks for a login. */
export function LogOut({ text, primary = false, onRefuse }: { text: string; primary?: boolean; onRefuse: () => void }) {
  const texts = useTexts(authorizations);
  const logout = useSubmit(() => coditect.logout());
  return (
    <>
      <ErrorNotice error={logout.error} />
      <div className="row">
        <Button look={primary ? "primary" : "secondary"} onPress={() => void logout.submit()} pending={logout.pending}>
          {text}
        </Button>
        <Button onPress={onRefuse}>{texts.refuse}</Button>
      </div>
    </>
  );
}

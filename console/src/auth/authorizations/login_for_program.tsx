import { useLocation } from "react-router";

import { LoginSteps } from "../logins/login_page";
import { authorizations } from "../../texts/authorizations";
import { useTexts } from "../../texts/catalogue";
import { Button } from "../../ui/button";
import { Notice } from "../../ui/notice";
import type { StepProps } from "./authorize_page";
import { ProgramName } from "./consent";

/** The login of a user who came for a program, and comes back to its request on every way. */
export function LoginForProgram({ asked, onRefuse }: StepProps) {
  const texts = useTexts(authorizations);
  const { pathname, search } = useLocation();
  const next = `?${new URLSearchParams({ next: pathname + search })}`;
  return (
    <LoginSteps search={next} email={asked.loginHint}>
      <Notice look={asked.clientKnown ? "info" : "warning"}>
        <p>
          {texts.goOn} <ProgramName name={asked.clientName} />
          {". "}
          {!asked.clientKnown && texts.unknown}
        </p>
        <div className="row">
          <Button onPress={onRefuse}>
            {texts.refuse}
          </Button>
        </div>
      </Notice>
    </LoginSteps>
  );
}

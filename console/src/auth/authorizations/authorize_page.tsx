import { type components, isCode } from "@coditect/client";
import { useState } from "react";
import { useLocation } from "react-router";

import { coditect, useLogin } from "../../app/client";
import { type Loaded, useLoad } from "../../app/loading";
import { Starting } from "../../app/start";
import { authorizations } from "../../texts/authorizations";
import { common } from "../../texts/common";
import { useTexts } from "../../texts/catalogue";
import { ErrorNotice, Notice } from "../../ui/notice";
import { Page } from "../../ui/page";
import { Loading } from "../../ui/states";
import { ConsentPage } from "./consent_page";
import { LeaveQuestion, Leaving } from "./leaving";
import { LoginForProgram } from "./login_for_program";
import { parametersOf } from "./request";
import { EnrollPage, LoginAgainPage, ProofPage, SelectAccountPage } from "./step_pages";

export type Parameters = components["schemas"]["auth.AuthorizationParameters"];
export type Asked = components["schemas"]["auth.CheckAuthorizationResponse"];

/** What each page of a step gets. */
export interface StepProps {
  asked: Asked;
  /** The user has done the step. */
  onDone: () => void;
  onRefuse: () => void;
}

/**
 * The requests of which the user has done a step since the page was opened. A login on the way leads to
 * other addresses of the console, but a reload asks again.
 */
const prompted = new Set<string>();

/** Lets a program in that sent the browser here (RFC 6749, section 4.1.1). The server says each step. */
export function AuthorizePage() {
  const { search } = useLocation();
  const state = useLogin();
  if (state.status === "starting") return <Starting />;
  const parameters = parametersOf(search);
  if (!parameters) return <WrongRequest problem="other" />;
  const userId = state.status === "signedIn" ? state.user.userId : "";
  return <Request key={search} search={search} parameters={parameters} userId={userId} />;
}

function Request({ search, parameters, userId }: { search: string; parameters: Parameters; userId: string }) {
  const texts = useTexts(authorizations);
  const [turn, setTurn] = useState(0);
  const [refused, setRefused] = useState(false);
  const check = useCheck(search, parameters, userId, turn);
  const asked = check.data;
  if (check.error !== undefined) return <CheckFailed check={check} />;
  if (!asked) return <Loading />;
  if (asked.step === "redirect") {
    const why = texts.leaveUnasked;
    return asked.confirm ? <LeaveQuestion uri={asked.redirectUri} why={why} /> : <Leaving uri={asked.redirectUri} />;
  }
  if (refused) {
    // A user who is logged in has answered by that; before a login, anybody may have led the browser here.
    if (userId || !asked.confirm) return <Leaving uri={asked.deniedUri} />;
    return <LeaveQuestion uri={asked.deniedUri} why={texts.leaveRefused} onBack={() => setRefused(false)} />;
  }
  const done = () => {
    prompted.add(search);
    setTurn(turn + 1);
  };
  const step = { asked, onDone: done, onRefuse: () => setRefused(true) };
  switch (asked.step) {
    case "log_in":
      return userId ? <LoginAgainPage {...step} /> : <LoginForProgram {...step} />;
    case "select_account":
      return <SelectAccountPage {...step} />;
    case "reauthenticate":
      return <ProofPage {...step} />;
    case "enroll":
      return <EnrollPage {...step} />;
    case "consent":
      return <ConsentPage {...step} parameters={parameters} />;
  }
}

/** What comes next, for whom is logged in now. */
function useCheck(search: string, parameters: Parameters, userId: string, turn: number): Loaded<Asked> {
  return useLoad(
    async (signal) => {
      const body = { parameters, prompted: prompted.has(search) };
      const asked = await coditect.post("/api/v5/oauth/authorizations/check", { body, signal });
      // Who is not logged in now will have done this step when there is a user.
      if (asked.step === "log_in" && !userId) prompted.add(search);
      return asked;
    },
    `${userId} ${turn}`,
  );
}

function CheckFailed({ check }: { check: Loaded<Asked> }) {
  const texts = useTexts(authorizations);
  const { error } = check;
  if (isCode(error, "AUTHORIZATION_REQUEST_INVALID")) {
    return <WrongRequest problem={error.metadata.problem ?? ""} requestId={error.requestId} />;
  }
  return (
    <Page title={texts.title}>
      <ErrorNotice error={error} onRetry={check.reload} />
    </Page>
  );
}

/** A request that leads nowhere: not even to the address in it, which may be that of an attacker. */
function WrongRequest({ problem, requestId }: { problem: string; requestId?: string }) {
  const texts = useTexts(authorizations);
  const { requestId: requestText } = useTexts(common);
  const problems: Readonly<Record<string, string>> = texts.problems;
  const known = Object.hasOwn(problems, problem) ? problems[problem] : undefined;
  return (
    <Page title={texts.wrong}>
      <Notice look="danger" live>
        <p>{known ?? texts.problems.other}</p>
        {requestId && <p className="small muted mono">{requestText(requestId)}</p>}
      </Notice>
    </Page>
  );
}

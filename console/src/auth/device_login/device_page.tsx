import type { components } from "@coditect/client";
import { useState } from "react";
import { useLocation } from "react-router";

import { coditect, useLogin } from "../../app/client";
import { useSubmit } from "../../app/loading";
import { Starting } from "../../app/start";
import { LoginSteps } from "../logins/login_page";
import { deviceLogin } from "../../texts/device_login";
import { useTexts } from "../../texts/catalogue";
import { LinkButton } from "../../ui/button";
import { Form, TextField } from "../../ui/form";
import { Notice } from "../../ui/notice";
import { Card, Page } from "../../ui/page";
import { AnswerDevice } from "./answer_device";
import { forgetUserCode, takeUserCode } from "./user_code";

export interface Device {
  readonly userCode: string;
  readonly shown: components["schemas"]["auth.GetDeviceLoginResponse"];
}

/** Lets a device in that shows a code (RFC 8628, section 3.3). */
export function DevicePage() {
  const texts = useTexts(deviceLogin);
  const state = useLogin();
  const { pathname } = useLocation();
  const [userCode] = useState(takeUserCode);
  if (state.status === "starting") return <Starting />;
  if (state.status === "signedIn") return <Steps key={state.user.userId} first={userCode} />;
  return (
    <LoginSteps search={`?${new URLSearchParams({ next: pathname })}`}>
      <Notice>{texts.logIn}</Notice>
    </LoginSteps>
  );
}

function Steps({ first }: { first: string }) {
  const [device, setDevice] = useState<Device | undefined>();
  const [answer, setAnswer] = useState<"allowed" | "refused" | undefined>();
  if (answer) return <Answered answer={answer} />;
  if (!device) return <CodePage first={first} onFound={setDevice} />;
  const answered = (allowed: boolean) => {
    forgetUserCode();
    setAnswer(allowed ? "allowed" : "refused");
  };
  return <AnswerDevice device={device} onAnswered={answered} onOtherCode={() => setDevice(undefined)} />;
}

/** Asks for the code. Nothing is looked up before its user wants it: wrong codes are counted. */
function CodePage({ first, onFound }: { first: string; onFound: (device: Device) => void }) {
  const texts = useTexts(deviceLogin);
  const submission = useSubmit(async (userCode: string) => {
    const shown = await coditect.get("/api/v5/oauth/device/{userCode}", { params: { path: { userCode } } });
    onFound({ userCode, shown });
  });
  return (
    <Page title={texts.title}>
      <Card>
        <p>{texts.what}</p>
        <Notice look="warning">{texts.beware}</Notice>
        <Form
          submission={submission}
          onSubmit={({ userCode = "" }) => void submission.submit(userCode.trim())}
          action={texts.next}
        >
          <TextField
            name="userCode"
            label={texts.code}
            defaultValue={first}
            autoComplete="off"
            spellCheck={false}
            maxLength={64}
            autoFocus
          />
        </Form>
      </Card>
    </Page>
  );
}

function Answered({ answer }: { answer: "allowed" | "refused" }) {
  const texts = useTexts(deviceLogin);
  const [title, text] = { allowed: [texts.allowed, texts.allowedText], refused: [texts.refused, texts.refusedText] }[answer];
  return (
    <Page title={title as string}>
      <Card>
        <Notice look={answer === "allowed" ? "good" : "info"} live>
          {text}
        </Notice>
        <div className="row">
          <LinkButton to="/account/programs">{texts.programs}</LinkButton>
        </div>
      </Card>
    </Page>
  );
}

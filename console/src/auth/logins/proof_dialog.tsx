import { isCode } from "@coditect/client";
import { type ReactNode, useCallback, useEffect, useRef, useState } from "react";
import { useNavigate } from "react-router";

import { useLogin } from "../../app/client";
import { logins } from "../../texts/logins";
import { common } from "../../texts/common";
import { useTexts } from "../../texts/catalogue";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { ProofCancelled, ProofContext, type Prove } from "./proof";
import { ByPassword, BySecondFactor } from "./reauthentication";

type Wanted = "password" | "second_factor" | "enroll";

interface Question {
  wanted: Wanted;
  answer: (proved: boolean) => void;
}

/** Gives the pages below `useProof`, and shows the dialog when a call needs it. */
export function ProofDialog({ children }: { children: ReactNode }) {
  const [question, setQuestion] = useState<Question | undefined>();
  const ask = useCallback(
    (wanted: Wanted) =>
      new Promise<boolean>((resolve) => {
        const answer = (proved: boolean) => {
          setQuestion(undefined);
          resolve(proved);
        };
        setQuestion({ wanted, answer });
      }),
    [],
  );
  useActorChange(question && (() => question.answer(false)));
  const prove: Prove = useCallback(
    async (call) => {
      try {
        return await call();
      } catch (error) {
        const wanted = wantedBy(error);
        if (!wanted) throw error;
        if (!(await ask(wanted))) throw new ProofCancelled();
        return await call();
      }
    },
    [ask],
  );
  return (
    <ProofContext value={prove}>
      {children}
      {question && <Proof {...question} />}
    </ProofContext>
  );
}

/** Calls this when another user or tenant takes the place of the one that was asked: the call was not theirs. */
function useActorChange(cancel: (() => void) | undefined): void {
  const state = useLogin();
  const actor = state.status === "signedIn" ? `${state.user.userId} ${state.tenant.tenantId}` : "";
  const asked = useRef(actor);
  useEffect(() => {
    if (asked.current !== actor) cancel?.();
    asked.current = actor;
  });
}

/** What a refused call wants; undefined for every other error. */
function wantedBy(error: unknown): Wanted | undefined {
  if (isCode(error, "REAUTHENTICATION_REQUIRED")) {
    return error.metadata.proof === "second_factor" ? "second_factor" : "password";
  }
  if (isCode(error, "SECOND_FACTOR_REQUIRED")) {
    return error.metadata.action === "enroll" ? "enroll" : "second_factor";
  }
  return undefined;
}

function Proof({ wanted, answer }: Question) {
  const texts = useTexts(logins);
  const cancel = () => answer(false);
  return (
    <Dialog title={texts.prove} onClose={cancel}>
      <p className="muted">{wanted === "enroll" ? texts.enrollWhy : texts.proveWhy}</p>
      {wanted === "enroll" && <Enroll onClose={cancel} />}
      {wanted === "password" && <ByPassword onProved={() => answer(true)} onClose={cancel} />}
      {wanted === "second_factor" && <BySecondFactor onProved={() => answer(true)} onClose={cancel} />}
    </Dialog>
  );
}

function Enroll({ onClose }: { onClose: () => void }) {
  const texts = useTexts(logins);
  const buttons = useTexts(common);
  const navigate = useNavigate();
  const enroll = () => {
    onClose();
    void navigate("/account/security");
  };
  return (
    <div className="actions">
      <Button onPress={onClose}>{buttons.cancel}</Button>
      <Button look="primary" onPress={enroll}>
        {texts.enroll}
      </Button>
    </div>
  );
}

import { isCode } from "@coditect/client";
import type { ReactNode } from "react";

import { type Prove, useProof } from "../auth/logins/proof";
import { common } from "../texts/common";
import { requestIdOf, useErrorText } from "../texts/errors";
import { logins } from "../texts/logins";
import { useTexts } from "../texts/catalogue";
import { Button, LinkButton } from "./button";

type Look = "info" | "good" | "warning" | "danger";

/** A note in the page. One that appears because of what the user did is read out: `live`. */
export function Notice({ look = "info", live = false, children }: { look?: Look; live?: boolean; children: ReactNode }) {
  return (
    <div className={`notice ${look}`} role={live ? (look === "danger" ? "alert" : "status") : undefined}>
      {children}
    </div>
  );
}

/** What went wrong, in plain words, with the id by which the operator finds it. */
export function ErrorNotice({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const texts = useTexts(common);
  const text = useErrorText();
  if (error === undefined) return null;
  const id = requestIdOf(error);
  return (
    <Notice look="danger" live>
      <p>{text(error)}</p>
      {id && <p className="small muted mono">{texts.requestId(id)}</p>}
      <WayOut error={error} {...(onRetry && { onRetry })} />
    </Notice>
  );
}

/** What helps against an error. */
function WayOut({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const texts = useTexts(common);
  const words = useTexts(logins);
  const prove = useProof();
  if (isCode(error, "SECOND_FACTOR_REQUIRED") && error.metadata.action === "enroll") {
    return (
      <div className="row">
        <LinkButton to="/account/security">{words.enroll}</LinkButton>
      </div>
    );
  }
  if (!onRetry) return null;
  const proves = isCode(error, "REAUTHENTICATION_REQUIRED", "SECOND_FACTOR_REQUIRED");
  return (
    <div className="row">
      <Button onPress={proves ? () => void proved(prove, error).then((done) => done && onRetry()) : onRetry}>
        {proves ? words.confirm : texts.retry}
      </Button>
    </div>
  );
}

/** Asks for the proof that a refused call needs. */
async function proved(prove: Prove, refusal: unknown): Promise<boolean> {
  let asked = false;
  const call = async () => {
    if (asked) return;
    asked = true;
    throw refusal;
  };
  return prove(call).then(
    () => true,
    () => false,
  );
}

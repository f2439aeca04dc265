import { coditect } from "../../app/client";
import { emailProofs } from "../../texts/email_proofs";
import { useTexts } from "../../texts/catalogue";
import { UndoPage } from "../one_time_tokens/undo";

/** The page behind the link that keeps an address which is about to change, or has changed. */
export function UndoEmailPage() {
  const texts = useTexts(emailProofs);
  return (
    <UndoPage
      title={texts.undoTitle}
      why={texts.undoWhy}
      action={texts.undo}
      done={texts.undone}
      undo={(token) => coditect.post("/api/v5/auth/email/undo", { body: { token } })}
    />
  );
}

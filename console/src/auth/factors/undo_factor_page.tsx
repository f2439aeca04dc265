import { coditect } from "../../app/client";
import { factorRecovery } from "../../texts/factor_recovery";
import { useTexts } from "../../texts/catalogue";
import { UndoPage } from "../one_time_tokens/undo";

/** The page behind the link that takes the first second factor of an account back. */
export function UndoFactorPage() {
  const texts = useTexts(factorRecovery);
  return (
    <UndoPage
      title={texts.undoTitle}
      why={texts.undoWhy}
      action={texts.undo}
      done={texts.undone}
      undo={(token) => coditect.post("/api/v5/auth/factors/undo", { body: { token } })}
    />
  );
}

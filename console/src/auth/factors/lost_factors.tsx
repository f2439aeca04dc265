import { useState } from "react";

import { coditect } from "../../app/client";
import { useSubmit } from "../../app/loading";
import { factorRecovery } from "../../texts/factor_recovery";
import { useTexts } from "../../texts/catalogue";
import { Button } from "../../ui/button";
import { ErrorNotice, Notice } from "../../ui/notice";
import { ProofForm } from "../one_time_tokens/proof_form";
import { type Outcome, RecoveryOutcome, confirmRecovery } from "./recovery";

interface Props {
  /** The challenge of a login, whose password was right. */
  challengeToken: string;
  /** The address of that login. */
  email: string;
  /** Goes back to the login. */
  onBack: () => void;
}

/** The recovery of a user who has lost all second factors, from the login on. */
export function LostFactors({ challengeToken, email, onBack }: Props) {
  const texts = useTexts(factorRecovery);
  const [sent, setSent] = useState(false);
  const [outcome, setOutcome] = useState<Outcome | undefined>();
  const back = (
    <Button look="quiet" onPress={onBack}>
      {texts.back}
    </Button>
  );
  if (outcome) return <RecoveryOutcome outcome={outcome}>{back}</RecoveryOutcome>;
  if (!sent) return <AskForEmail challengeToken={challengeToken} onSent={() => setSent(true)} onBack={onBack} />;
  return (
    <div className="stack">
      <Notice look="good" live>
        {texts.sent(email)}
      </Notice>
      <ProofForm
        link="/recover-factors"
        email={email}
        onProof={async (proof) => setOutcome(await confirmRecovery(proof))}
        action={texts.confirm}
        beside={back}
      />
    </div>
  );
}

function AskForEmail({ challengeToken, onSent, onBack }: { challengeToken: string; onSent: () => void; onBack: () => void }) {
  const texts = useTexts(factorRecovery);
  const ask = useSubmit(async () => {
    await coditect.post("/api/v5/auth/factors/recovery", { body: { challengeToken } });
    onSent();
  });
  return (
    <div className="stack">
      <p>{texts.lostWhy}</p>
      <ErrorNotice error={ask.error} />
      <div className="actions start">
        <Button look="primary" onPress={() => void ask.submit()} pending={ask.pending}>
          {texts.send}
        </Button>
        <Button look="quiet" onPress={onBack}>
          {texts.back}
        </Button>
      </div>
    </div>
  );
}

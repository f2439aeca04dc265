import { useState } from "react";

import { factorRecovery } from "../../texts/factor_recovery";
import { proofs } from "../../texts/proofs";
import { useTexts } from "../../texts/catalogue";
import { LinkButton } from "../../ui/button";
import { Card, Page } from "../../ui/page";
import { ProofForm } from "../one_time_tokens/proof_form";
import { type Outcome, RecoveryOutcome, confirmRecovery } from "./recovery";

/** The page behind the link that begins or ends a recovery of lost second factors. */
export function RecoverFactorsPage() {
  const texts = useTexts(factorRecovery);
  const buttons = useTexts(proofs);
  const [outcome, setOutcome] = useState<Outcome | undefined>();
  return (
    <Page title={texts.recoverTitle}>
      <Card>
        {outcome ? (
          <RecoveryOutcome outcome={outcome}>
            <LinkButton to="/login" look="primary">
              {buttons.toLogin}
            </LinkButton>
          </RecoveryOutcome>
        ) : (
          <>
            <p>{texts.recoverWhy}</p>
            <ProofForm
              link="/recover-factors"
              onProof={async (proof) => setOutcome(await confirmRecovery(proof))}
              action={texts.confirm}
            />
          </>
        )}
      </Card>
    </Page>
  );
}

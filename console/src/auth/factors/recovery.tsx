import type { ReactNode } from "react";

import { checkLogin, coditect } from "../../app/client";
import { factorRecovery } from "../../texts/factor_recovery";
import { useTexts } from "../../texts/catalogue";
import { Notice } from "../../ui/notice";
import { ExactTime } from "../../ui/time";
import type { Proof } from "../one_time_tokens/proof_form";

/** What a proof in a recovery has led to: the time when the factors can be removed, or their removal. */
export type Outcome = { readonly recoveryTime?: string };

/** Proves the address in a recovery of lost factors. */
export async function confirmRecovery(proof: Proof): Promise<Outcome> {
  const outcome = await coditect.post("/api/v5/auth/factors/recovery/confirm", { body: proof });
  if (outcome.recoveryTime === undefined) await checkLogin();
  return outcome;
}

/** The outcome for its user; the children are the way on. */
export function RecoveryOutcome({ outcome, children }: { outcome: Outcome; children: ReactNode }) {
  const texts = useTexts(factorRecovery);
  const { recoveryTime } = outcome;
  return (
    <div className="stack">
      {recoveryTime === undefined ? (
        <>
          <Notice look="good" live>
            {texts.removed}
          </Notice>
          <p>{texts.removedHow}</p>
        </>
      ) : (
        <>
          <Notice look="good" live>
            <p>{texts.begun}</p>
            <p>
              {texts.begunFrom} <ExactTime value={recoveryTime} />
            </p>
          </Notice>
          <p>{texts.begunHow}</p>
        </>
      )}
      <div className="row">{children}</div>
    </div>
  );
}

/** Tells the user of a login about a recovery that is under way. */
export function RecoveryUnderWay({ time }: { time: string }) {
  const texts = useTexts(factorRecovery);
  const over = Date.parse(time) <= Date.now();
  return (
    <Notice look="warning">
      <p>
        {over ? texts.pendingOver : texts.pending} <ExactTime value={time} />
      </p>
      <p>{over ? texts.overHow : texts.pendingHow}</p>
    </Notice>
  );
}

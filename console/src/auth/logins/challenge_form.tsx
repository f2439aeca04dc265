import { type Challenge, isCode } from "@coditect/client";
import { useState } from "react";

import { coditect } from "../../app/client";
import { factorRecovery } from "../../texts/factor_recovery";
import { logins } from "../../texts/logins";
import { useTexts } from "../../texts/catalogue";
import { Button } from "../../ui/button";
import { ErrorNotice } from "../../ui/notice";
import { RecoveryUnderWay } from "../factors/recovery";
import { type Kind, type SecondFactor, SecondFactorForm } from "./second_factor_form";

interface Props {
  challenge: Challenge;
  /** The user has none of the second factors any more. */
  onLost: () => void;
  onBack: () => void;
}

/** The second step of a login. */
export function ChallengeForm({ challenge, onLost, onBack }: Props) {
  const texts = useTexts(logins);
  const words = useTexts(factorRecovery);
  const [over, setOver] = useState<unknown>();
  const answer = async (given: SecondFactor) => {
    try {
      await coditect.loginWithSecondFactor({ challengeToken: challenge.token, ...given });
    } catch (error) {
      if (!isCode(error, "CHALLENGE_INVALID")) throw error;
      setOver(error);
    }
  };
  const back = (
    <Button look="quiet" onPress={onBack}>
      {words.back}
    </Button>
  );
  if (over !== undefined) {
    return (
      <>
        <ErrorNotice error={over} />
        <div className="row">{back}</div>
      </>
    );
  }
  return (
    <>
      <p className="muted">{texts.secondFactorWhy}</p>
      {challenge.recoveryTime && <RecoveryUnderWay time={challenge.recoveryTime} />}
      <SecondFactorForm
        kinds={challenge.kinds as Kind[]}
        passkeyOptions={async () => challenge.passkeyOptions ?? {}}
        onAnswer={answer}
      >
        <Button look="quiet" onPress={onLost}>
          {texts.lost}
        </Button>
        {back}
      </SecondFactorForm>
    </>
  );
}

import { type Challenge, isCode } from "@coditect/client";

import { coditect } from "../../app/client";
import { useLinkTokenOf } from "../../app/link_token";
import { useSubmit } from "../../app/loading";
import { emailProofs } from "../../texts/email_proofs";
import { factorRecovery } from "../../texts/factor_recovery";
import { useTexts } from "../../texts/catalogue";
import { useAnnounce } from "../../ui/announce";
import { Button } from "../../ui/button";
import { ErrorNotice, Notice } from "../../ui/notice";
import { ProofForm } from "../one_time_tokens/proof_form";
import { verifyAndLogIn } from "./verification";

interface Props {
  email: string;
  /** It is right, so with it the account is kept as it is. */
  password: string;
  onChallenge: (challenge: Challenge, email: string) => void;
  onBack: () => void;
}

/** Proves the address of a user who may not log in before. A user who came by the link need not type its code. */
export function Unverified({ email, password, onChallenge, onBack }: Props) {
  const texts = useTexts(emailProofs);
  const words = useTexts(factorRecovery);
  const announce = useAnnounce();
  const link = "/verify-email";
  const came = useLinkTokenOf(link) !== undefined;
  const again = useSubmit(async () => {
    try {
      // The service mails another proof, and refuses the login.
      const { challenge } = await coditect.login({ email, password });
      if (challenge) onChallenge(challenge, email);
    } catch (error) {
      if (!isCode(error, "EMAIL_NOT_VERIFIED")) throw error;
      announce(texts.sentAgain);
    }
  });
  return (
    <>
      <Notice live>{came ? texts.unverifiedLink(email) : texts.unverifiedMail(email)}</Notice>
      <ProofForm
        link={link}
        email={email}
        onProof={async (proof) => {
          const challenge = await verifyAndLogIn(proof, password);
          if (challenge) onChallenge(challenge, email);
        }}
        action={texts.confirmAndLogIn}
      />
      <ErrorNotice error={again.error} />
      <div className="row">
        <Button look="quiet" onPress={() => void again.submit()} pending={again.pending}>
          {texts.sendAgain}
        </Button>
        <Button look="quiet" onPress={onBack}>
          {words.back}
        </Button>
      </div>
    </>
  );
}

import { useState } from "react";

import { coditect } from "../../app/client";
import { useLinkToken } from "../../app/link_token";
import { useSubmit } from "../../app/loading";
import { invitationLinks } from "../../texts/invitation_links";
import { proofs } from "../../texts/proofs";
import { useTexts } from "../../texts/catalogue";
import { Button } from "../../ui/button";
import { ErrorNotice, Notice } from "../../ui/notice";
import { Card, Page } from "../../ui/page";

/** The page behind the link that stops the emails with invitations to an address. */
export function OptOutPage() {
  const texts = useTexts(invitationLinks);
  const words = useTexts(proofs);
  const token = useLinkToken();
  return (
    <Page title={texts.optOutTitle}>
      {token === undefined ? <Notice look="warning">{words.noLink}</Notice> : <OptOut token={token} />}
    </Page>
  );
}

/** The token is good for both, as often as its user changes the mind. */
function OptOut({ token }: { token: string }) {
  const texts = useTexts(invitationLinks);
  const [done, setDone] = useState<"stopped" | "resumed" | undefined>();
  const { submit, pending, error } = useSubmit(async (optOut: boolean) => {
    await coditect.post("/api/v5/invitations/emails/opt-out", { body: { token, optOut } });
    setDone(optOut ? "stopped" : "resumed");
  });
  const stopped = done === "stopped";
  return (
    <Card>
      {done ? (
        <Notice look="good" live>
          {texts[done]}
        </Notice>
      ) : (
        <p>{texts.optOutWhy}</p>
      )}
      <ErrorNotice error={error} />
      <div className="row">
        <Button look={stopped ? "secondary" : "primary"} onPress={() => void submit(!stopped)} pending={pending}>
          {stopped ? texts.optIn : texts.optOut}
        </Button>
      </div>
    </Card>
  );
}

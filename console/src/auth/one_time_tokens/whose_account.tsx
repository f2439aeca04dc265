import { useLocation } from "react-router";

import { coditect } from "../../app/client";
import { useSubmit } from "../../app/loading";
import { emailProofs } from "../../texts/email_proofs";
import { logins } from "../../texts/logins";
import { useTexts } from "../../texts/catalogue";
import { Button, LinkButton } from "../../ui/button";
import { ErrorNotice } from "../../ui/notice";
import { Card } from "../../ui/page";

/** Sends a user who is not logged in to the login, and back to this page. Its token waits in memory. */
export function LogInFirst({ why }: { why: string }) {
  const texts = useTexts(logins);
  const query = new URLSearchParams({ next: useLocation().pathname });
  return (
    <Card>
      <p>{why}</p>
      <div className="row">
        <LinkButton to={`/login?${query}`} look="primary">
          {texts.login}
        </LinkButton>
      </div>
    </Card>
  );
}

/** For a user who is logged in to another account than the one that the email is about. */
export function OtherAccount() {
  const texts = useTexts(emailProofs);
  const logout = useSubmit(() => coditect.logout());
  return (
    <>
      <div className="row">
        <span className="muted">{texts.otherAccount}</span>
        <Button look="quiet" onPress={() => void logout.submit()} pending={logout.pending}>
          {texts.switchAccount}
        </Button>
      </div>
      <ErrorNotice error={logout.error} />
    </>
  );
}

import { useState } from "react";

import { checkLogin } from "../../app/client";
import { forgetLinkToken, useLinkToken } from "../../app/link_token";
import { useSubmit } from "../../app/loading";
import { proofs } from "../../texts/proofs";
import { useTexts } from "../../texts/catalogue";
import { Button } from "../../ui/button";
import { ErrorNotice, Notice } from "../../ui/notice";
import { Card, Page } from "../../ui/page";
import { Done } from "./done";

interface Props {
  title: string;
  why: string;
  action: string;
  done: string;
  undo: (token: string) => Promise<unknown>;
}

/** A page behind a link that takes a change of an account back, and ends its logins. */
export function UndoPage({ title, why, action, done, undo }: Props) {
  const texts = useTexts(proofs);
  const token = useLinkToken();
  const [undone, setUndone] = useState(false);
  const { submit, pending, error } = useSubmit(async (given: string) => {
    await undo(given);
    setUndone(true);
    forgetLinkToken();
    await checkLogin();
  });
  return (
    <Page title={title}>
      {undone && <Done to="/login">{done}</Done>}
      {!undone && token === undefined && <Notice look="warning">{texts.noLink}</Notice>}
      {!undone && token !== undefined && (
        <Card>
          <p>{why}</p>
          <ErrorNotice error={error} />
          <div className="row">
            <Button look="danger" onPress={() => void submit(token)} pending={pending}>
              {action}
            </Button>
          </div>
        </Card>
      )}
    </Page>
  );
}

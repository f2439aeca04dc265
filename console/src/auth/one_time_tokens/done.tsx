import type { ReactNode } from "react";

import { proofs } from "../../texts/proofs";
import { useTexts } from "../../texts/catalogue";
import { LinkButton } from "../../ui/button";
import { Notice } from "../../ui/notice";
import { Card } from "../../ui/page";

/** What an email was good for is done; `to` is where the user goes on. */
export function Done({ to, children }: { to: string; children: ReactNode }) {
  const texts = useTexts(proofs);
  return (
    <Card>
      <Notice look="good" live>
        {children}
      </Notice>
      <div className="row">
        <LinkButton to={to} look="primary">
          {to.startsWith("/login") ? texts.toLogin : texts.onwards}
        </LinkButton>
      </div>
    </Card>
  );
}

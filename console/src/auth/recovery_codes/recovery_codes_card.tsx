import { useState } from "react";

import { coditect } from "../../app/client";
import { factors } from "../../texts/factors";
import { useTexts } from "../../texts/catalogue";
import { Button } from "../../ui/button";
import { Confirm } from "../../ui/dialog";
import { Notice } from "../../ui/notice";
import { Badge, Card } from "../../ui/page";
import { useProof } from "../logins/proof";

const FEW = 3;

/** How many recovery codes are left, and new ones. */
export function RecoveryCodesCard({ left, onMade }: { left: number; onMade: (codes: readonly string[]) => void }) {
  const texts = useTexts(factors);
  const prove = useProof();
  const [asking, setAsking] = useState(false);
  const make = async () => {
    const made = await prove(() => coditect.post("/api/v5/auth/factors/recovery-codes", { body: {} }));
    onMade(made.recoveryCodes);
  };
  return (
    <Card title={texts.codes} actions={<Badge look={left > FEW ? "" : "warning"}>{texts.left(left)}</Badge>}>
      <p className="muted">{texts.codesWhy}</p>
      {left <= FEW && <Notice look="warning">{texts.codesLow}</Notice>}
      <div className="row">
        <Button onPress={() => setAsking(true)}>{texts.codesNew}</Button>
      </div>
      {asking && (
        <Confirm
          title={texts.codesNewTitle}
          action={texts.codesNew}
          look="primary"
          onConfirm={make}
          onClose={() => setAsking(false)}
        >
          <p>{texts.codesNewText}</p>
        </Confirm>
      )}
    </Card>
  );
}

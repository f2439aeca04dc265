import { useState } from "react";

import { coditect } from "../../app/client";
import { useLoad } from "../../app/loading";
import { factors } from "../../texts/factors";
import { useTexts } from "../../texts/catalogue";
import { useAnnounce } from "../../ui/announce";
import { Button } from "../../ui/button";
import { Notice } from "../../ui/notice";
import { Badge, Card, Page } from "../../ui/page";
import { Empty, Ready } from "../../ui/states";
import { Time } from "../../ui/time";
import { PasswordCard } from "../accounts/password_card";
import { PasskeyDialog } from "../passkeys/passkey_dialog";
import { RecoveryCodesCard } from "../recovery_codes/recovery_codes_card";
import { RecoveryCodesDialog } from "../recovery_codes/recovery_codes_dialog";
import { TotpDialog } from "../totp/totp_dialog";
import { type Factor, FactorRow } from "./factor_row";
import "./factors.css";

export function SecurityPage() {
  const texts = useTexts(factors);
  const [codes, setCodes] = useState<readonly string[]>([]);
  const list = useLoad((signal) => coditect.get("/api/v5/auth/factors", { signal }));
  const changed = () => {
    list.reload();
    // The client notes there that the user has a second factor now, or none; it is no loss if it cannot.
    coditect.get("/api/v5/auth/me").catch(() => undefined);
  };
  const byCodes = list.data?.factors.find((one) => one.kind === "recovery_codes");
  return (
    <Page title={texts.title}>
      <PasswordCard />
      {list.data?.recoveryTime && <Recovery time={list.data.recoveryTime} />}
      <Ready of={list}>
        {(found) => (
          <FactorsCard
            factors={found.factors.filter((one) => one.kind !== "recovery_codes")}
            onChanged={changed}
            onCodes={setCodes}
          />
        )}
      </Ready>
      {byCodes && <RecoveryCodesCard left={byCodes.codesLeft ?? 0} onMade={(made) => (setCodes(made), list.reload())} />}
      {codes.length > 0 && <RecoveryCodesDialog codes={codes} onClose={() => setCodes([])} />}
    </Page>
  );
}

function Recovery({ time }: { time: string }) {
  const texts = useTexts(factors);
  return (
    <Notice look="warning">
      <p>
        <strong>{texts.recovery}</strong> {texts.recoveryText} <Time value={time} />.
      </p>
      <p>{texts.recoveryCancel}</p>
    </Notice>
  );
}

interface FactorsCardProps {
  factors: readonly Factor[];
  onChanged: () => void;
  /** Shows the recovery codes that came with the first factor. */
  onCodes: (codes: readonly string[]) => void;
}

function FactorsCard({ factors: found, onChanged, onCodes }: FactorsCardProps) {
  const texts = useTexts(factors);
  const announce = useAnnounce();
  const [adding, setAdding] = useState<"totp" | "passkey" | undefined>();
  const close = () => setAdding(undefined);
  const added = (codes: readonly string[]) => {
    close();
    onCodes(codes);
    announce(texts.ready);
    onChanged();
  };
  const on = found.length > 0;
  return (
    <Card title={texts.factors} actions={<Badge look={on ? "good" : "warning"}>{on ? texts.on : texts.off}</Badge>}>
      <p className="muted">{texts.why}</p>
      {found.length === 0 ? (
        <Empty>{texts.none}</Empty>
      ) : (
        <ul className="rows" aria-label={texts.factors}>
          {found.map((factor) => (
            <li key={factor.factorId}>
              <FactorRow factor={factor} last={found.length === 1} onChanged={onChanged} />
            </li>
          ))}
        </ul>
      )}
      <div className="row">
        <Button look={on ? "secondary" : "primary"} onPress={() => setAdding("passkey")}>
          {texts.addPasskey}
        </Button>
        <Button onPress={() => setAdding("totp")}>{texts.addApp}</Button>
      </div>
      {adding === "totp" && <TotpDialog onClose={close} onAdded={added} />}
      {adding === "passkey" && <PasskeyDialog onClose={close} onAdded={added} />}
    </Card>
  );
}

import type { components } from "@coditect/client";
import { useState } from "react";

import { checkLogin, coditect } from "../../app/client";
import { type Loaded, useLoad } from "../../app/loading";
import { factors } from "../../texts/factors";
import { useTexts } from "../../texts/catalogue";
import { useAnnounce } from "../../ui/announce";
import { Button } from "../../ui/button";
import { Badge, Card, Page } from "../../ui/page";
import { Empty, Ready } from "../../ui/states";
import { PasswordCard } from "../accounts/password_card";
import { PasskeyDialog } from "../passkeys/passkey_dialog";
import { RecoveryCodesCard } from "../recovery_codes/recovery_codes_card";
import { RecoveryCodesDialog } from "../recovery_codes/recovery_codes_dialog";
import { TotpDialog } from "../totp/totp_dialog";
import { type Factor, FactorRow } from "./factor_row";
import { RecoveryNotice } from "./recovery_notice";
import "./factors.css";

export function SecurityPage() {
  const texts = useTexts(factors);
  const [codes, setCodes] = useState<readonly string[]>([]);
  const list = useLoad((signal) => coditect.get("/api/v5/auth/factors", { signal }));
  const changed = () => {
    list.reload();
    // The client learns by it whether the user has a second factor.
    void checkLogin();
  };
  const byCodes = list.data?.factors.find((one) => one.kind === "recovery_codes");
  return (
    <Page title={texts.title}>
      <PasswordCard />
      {list.data?.recoveryTime && <RecoveryNotice time={list.data.recoveryTime} onCancelled={list.reload} />}
      <FactorsCard list={list} onChanged={changed} onCodes={setCodes} />
      {byCodes && <RecoveryCodesCard left={byCodes.codesLeft ?? 0} onMade={(made) => (setCodes(made), list.reload())} />}
      {codes.length > 0 && <RecoveryCodesDialog codes={codes} onClose={() => setCodes([])} />}
    </Page>
  );
}

interface FactorsCardProps {
  list: Loaded<components["schemas"]["auth.ListFactorsResponse"]>;
  onChanged: () => void;
  /** Shows the recovery codes that came with the first factor. */
  onCodes: (codes: readonly string[]) => void;
}

function FactorsCard({ list, onChanged, onCodes }: FactorsCardProps) {
  const texts = useTexts(factors);
  const announce = useAnnounce();
  const [adding, setAdding] = useState<"totp" | "passkey" | undefined>();
  const close = () => setAdding(undefined);
  const added = (codes: readonly string[]) => {
    close();
    // The dialog of the codes says enough.
    if (codes.length === 0) announce(texts.ready);
    onCodes(codes);
    onChanged();
  };
  const found = list.data && authenticators(list.data.factors);
  return (
    <Card title={texts.factors} actions={found && <OnOff on={found.length > 0} />}>
      <p className="muted">{texts.why}</p>
      <Ready of={list}>{(data) => <FactorRows factors={authenticators(data.factors)} onChanged={onChanged} />}</Ready>
      <div className="row">
        <Button look={found?.length === 0 ? "primary" : "secondary"} onPress={() => setAdding("passkey")}>
          {texts.addPasskey}
        </Button>
        <Button onPress={() => setAdding("totp")}>{texts.addApp}</Button>
      </div>
      {adding === "totp" && <TotpDialog onClose={close} onAdded={added} />}
      {adding === "passkey" && <PasskeyDialog onClose={close} onAdded={added} />}
    </Card>
  );
}

/** Recovery codes are a factor, too, and have a card of their own. */
function authenticators(found: readonly Factor[]): Factor[] {
  return found.filter((one) => one.kind !== "recovery_codes");
}

function OnOff({ on }: { on: boolean }) {
  const texts = useTexts(factors);
  return <Badge look={on ? "good" : "warning"}>{on ? texts.on : texts.off}</Badge>;
}

function FactorRows({ factors: found, onChanged }: { factors: readonly Factor[]; onChanged: () => void }) {
  const texts = useTexts(factors);
  if (found.length === 0) {
    return (
      <Empty>
        <p>{texts.none}</p>
        <p className="small">{texts.first}</p>
      </Empty>
    );
  }
  return (
    <ul className="rows" aria-label={texts.factors}>
      {found.map((factor) => (
        <li key={factor.factorId}>
          <FactorRow factor={factor} last={found.length === 1} onChanged={onChanged} />
        </li>
      ))}
    </ul>
  );
}

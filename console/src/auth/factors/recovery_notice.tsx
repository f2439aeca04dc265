import { useState } from "react";

import { factors } from "../../texts/factors";
import { useTexts } from "../../texts/catalogue";
import { useAnnounce } from "../../ui/announce";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Notice } from "../../ui/notice";
import { ExactTime } from "../../ui/time";
import { BySecondFactor } from "../logins/reauthentication";

/** Says that a recovery of lost factors is under way, which may be that of an intruder, and cancels it. */
export function RecoveryNotice({ time, onCancelled }: { time: string; onCancelled: () => void }) {
  const texts = useTexts(factors);
  const announce = useAnnounce();
  const [open, setOpen] = useState(false);
  const close = () => setOpen(false);
  const proved = () => {
    close();
    announce(texts.recoveryCancelled);
    onCancelled();
  };
  return (
    <Notice look="warning">
      <p>
        <strong>{texts.recovery}</strong>
      </p>
      <p>
        {texts.recoveryText} <ExactTime value={time} />. {texts.recoveryCancel}
      </p>
      <div className="row">
        <Button onPress={() => setOpen(true)}>{texts.recoveryAction}</Button>
      </div>
      {open && (
        <Dialog title={texts.recoveryTitle} onClose={close}>
          <p className="muted">{texts.recoveryProof}</p>
          <BySecondFactor onProved={proved} onClose={close} />
        </Dialog>
      )}
    </Notice>
  );
}

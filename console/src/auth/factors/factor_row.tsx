import type { components } from "@coditect/client";
import { useState } from "react";

import { coditect } from "../../app/client";
import { useSubmit } from "../../app/loading";
import { common } from "../../texts/common";
import { factors } from "../../texts/factors";
import { useTexts } from "../../texts/catalogue";
import { useAnnounce } from "../../ui/announce";
import { Button } from "../../ui/button";
import { Confirm, Dialog } from "../../ui/dialog";
import { Form, TextField } from "../../ui/form";
import { Badge } from "../../ui/page";
import { Time } from "../../ui/time";
import { useProof } from "../logins/proof";

export type Factor = components["schemas"]["auth.Factor"];

interface Props {
  factor: Factor;
  /** Whether it is the only one, besides recovery codes. */
  last: boolean;
  onChanged: () => void;
}

/** A passkey or an authenticator app, with its name, and its end. */
export function FactorRow({ factor, last, onChanged }: Props) {
  const texts = useTexts(factors);
  const buttons = useTexts(common);
  const announce = useAnnounce();
  const prove = useProof();
  const [open, setOpen] = useState<"rename" | "remove" | undefined>();
  const close = () => setOpen(undefined);
  const remove = async () => {
    const params = { path: { factorId: factor.factorId } };
    await prove(() => coditect.delete("/api/v5/auth/factors/{factorId}", { params }));
    announce(texts.removed);
    // The service has ended this login, too.
    if (last) await coditect.logout();
    else onChanged();
  };
  return (
    <>
      <div className="what">
        <p className="row">
          <bdi>{factor.name}</bdi> <Badge>{texts.kinds[factor.kind] ?? factor.kind}</Badge>
        </p>
        <p className="small muted">
          {texts.added} <Time value={factor.createTime} />,{" "}
          {factor.lastUsedTime ? (
            <>
              {texts.used} <Time value={factor.lastUsedTime} />
            </>
          ) : (
            texts.unused
          )}
        </p>
      </div>
      <div className="row">
        <Button onPress={() => setOpen("rename")} aria-label={`${texts.rename}: ${factor.name}`}>
          {texts.rename}
        </Button>
        <Button look="danger" onPress={() => setOpen("remove")} aria-label={`${buttons.remove}: ${factor.name}`}>
          {buttons.remove}
        </Button>
      </div>
      {open === "rename" && <RenameDialog factor={factor} onClose={close} onRenamed={onChanged} />}
      {open === "remove" && (
        <Confirm title={texts.removeTitle(factor.name)} action={buttons.remove} onConfirm={remove} onClose={close}>
          <p>{last ? texts.removeLast : texts.removeText}</p>
        </Confirm>
      )}
    </>
  );
}

function RenameDialog({ factor, onClose, onRenamed }: { factor: Factor; onClose: () => void; onRenamed: () => void }) {
  const texts = useTexts(factors);
  const buttons = useTexts(common);
  const announce = useAnnounce();
  const prove = useProof();
  const submission = useSubmit(async (name: string) => {
    const params = { path: { factorId: factor.factorId } };
    await prove(() => coditect.patch("/api/v5/auth/factors/{factorId}", { params, body: { name } }));
    announce(texts.renamed);
    onRenamed();
    onClose();
  });
  return (
    <Dialog title={texts.renameTitle(factor.name)} onClose={onClose}>
      <Form
        submission={submission}
        onSubmit={({ name }) => void submission.submit(name ?? "")}
        action={texts.rename}
        beside={<Button onPress={onClose}>{buttons.cancel}</Button>}
      >
        <TextField name="name" label={texts.name} defaultValue={factor.name} autoComplete="off" autoFocus />
      </Form>
    </Dialog>
  );
}

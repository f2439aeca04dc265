import { useState } from "react";
import { useNavigate } from "react-router";

import { coditect, useUser } from "../../app/client";
import { useSubmit } from "../../app/loading";
import { useProof } from "../../auth/logins/proof";
import { common } from "../../texts/common";
import { organizations } from "../../texts/organizations";
import { useTexts } from "../../texts/catalogue";
import { useAnnounce } from "../../ui/announce";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Form, TextField } from "../../ui/form";
import { Card } from "../../ui/page";

export function DeleteTeamCard() {
  const texts = useTexts(organizations);
  const [asking, setAsking] = useState(false);
  return (
    <Card title={texts.remove}>
      <p>{texts.removeWhy}</p>
      <div className="row">
        <Button look="danger" onPress={() => setAsking(true)}>
          {texts.remove}
        </Button>
      </div>
      {asking && <DeleteDialog onClose={() => setAsking(false)} />}
    </Card>
  );
}

/** Deletes the team once its name has been typed. */
function DeleteDialog({ onClose }: { onClose: () => void }) {
  const texts = useTexts(organizations);
  const buttons = useTexts(common);
  const announce = useAnnounce();
  const navigate = useNavigate();
  const prove = useProof();
  const { tenantId, name } = useUser().tenant;
  const submission = useSubmit(async () => {
    await prove(() => coditect.delete("/api/v5/tenants/{tenantId}", { params: { path: { tenantId } } }));
    announce(texts.removed(name));
    await navigate("/teams");
  });
  return (
    <Dialog title={texts.removeTitle(name)} onClose={onClose} alert>
      <p>{texts.removeWhy}</p>
      <p>{texts.removeConfirm(name)}</p>
      <Form
        submission={submission}
        onSubmit={() => void submission.submit()}
        action={texts.remove}
        look="danger"
        beside={<Button onPress={onClose}>{buttons.cancel}</Button>}
      >
        <TextField
          name="confirmation"
          label={texts.removeField}
          autoComplete="off"
          spellCheck={false}
          autoFocus
          validate={(typed) => (typed === name ? undefined : texts.removeMismatch)}
        />
      </Form>
    </Dialog>
  );
}

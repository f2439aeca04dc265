import { coditect, useUser } from "../app/client";
import { useSubmit } from "../app/loading";
import { common } from "../texts/common";
import { sessions } from "../texts/sessions";
import { useTexts } from "../texts/catalogue";
import { useAnnounce } from "../ui/announce";
import { Button } from "../ui/button";
import { Dialog } from "../ui/dialog";
import { Form, TextField } from "../ui/form";

export function OpenDialog({ onClose, onOpened }: { onClose: () => void; onOpened: () => void }) {
  const texts = useTexts(sessions);
  const buttons = useTexts(common);
  const announce = useAnnounce();
  const { tenantId } = useUser().tenant;
  const submission = useSubmit(async (name: string, workspacePath: string) => {
    await coditect.post("/api/v5/sessions", { body: { name, tenantId, ...(workspacePath && { workspacePath }) } });
    announce(texts.opened);
    onOpened();
    onClose();
  });
  return (
    <Dialog title={texts.open} onClose={onClose}>
      <Form
        submission={submission}
        onSubmit={({ name, workspacePath }) => void submission.submit(name ?? "", workspacePath ?? "")}
        action={texts.open}
        beside={<Button onPress={onClose}>{buttons.cancel}</Button>}
      >
        <TextField name="name" label={texts.name} maxLength={200} autoComplete="off" autoFocus />
        <TextField
          name="workspacePath"
          label={texts.path}
          description={texts.pathHint}
          required={false}
          autoComplete="off"
          spellCheck={false}
        />
      </Form>
    </Dialog>
  );
}

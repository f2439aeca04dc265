import { useState } from "react";

import { coditect, useUser } from "../../app/client";
import { useSubmit } from "../../app/loading";
import { useProof } from "../../auth/logins/proof";
import { common } from "../../texts/common";
import { roles } from "../../texts/roles";
import { teamInvitations } from "../../texts/team_invitations";
import { useTexts } from "../../texts/catalogue";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Form, TextField } from "../../ui/form";
import { CopyField } from "../../ui/secret";
import { RoleSelect } from "../memberships/role_fields";
import type { Role } from "../memberships/roles";
import type { Invitation } from "./team_invitations_page";

interface InviteProps {
  onClose: () => void;
  onInvited: (invitation: Invitation) => void;
}

export function InviteDialog({ onClose, onInvited }: InviteProps) {
  const texts = useTexts(teamInvitations);
  const buttons = useTexts(common);
  const prove = useProof();
  const { tenantId } = useUser().tenant;
  const [role, setRole] = useState<Role>("member");
  const submission = useSubmit(async (email: string) => {
    const params = { path: { tenantId } };
    const made = await prove(() => coditect.post("/api/v5/tenants/{tenantId}/invitations", { params, body: { email, role } }));
    onClose();
    onInvited(made);
  });
  return (
    <Dialog title={texts.invite} onClose={onClose}>
      <Form
        submission={submission}
        onSubmit={({ email }) => void submission.submit(email ?? "")}
        action={texts.send}
        beside={<Button onPress={onClose}>{buttons.cancel}</Button>}
      >
        <TextField name="email" type="email" label={texts.email} autoComplete="off" autoFocus />
        <RoleSelect value={role} onChange={setRole} />
      </Form>
    </Dialog>
  );
}

/** Shows once the token of an invitation, as a link to pass on by hand. */
export function MadeDialog({ invitation, onClose }: { invitation: Invitation; onClose: () => void }) {
  const texts = useTexts(teamInvitations);
  const names = useTexts(roles).names;
  const link = `${window.location.origin}/invitations#token=${encodeURIComponent(invitation.token ?? "")}`;
  return (
    <Dialog title={texts.madeTitle} onClose={onClose} stays>
      <p>{texts.made(invitation.email)}</p>
      <p className="muted">
        {invitation.role === "member" ? texts.madeMember : texts.madeRole(names[invitation.role])}
      </p>
      <CopyField label={texts.link} value={link} />
      <div className="actions">
        <Button look="primary" onPress={onClose} autoFocus>
          {texts.kept}
        </Button>
      </div>
    </Dialog>
  );
}

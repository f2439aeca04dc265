import { useState } from "react";

import { coditect, useUser } from "../../app/client";
import { useSubmit } from "../../app/loading";
import { useProof } from "../../auth/logins/proof";
import { common } from "../../texts/common";
import { members } from "../../texts/members";
import { roles } from "../../texts/roles";
import { useTexts } from "../../texts/catalogue";
import { useAnnounce } from "../../ui/announce";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Form } from "../../ui/form";
import { RoleSelect } from "../memberships/role_fields";
import type { Role } from "../memberships/roles";
import { type Member, useNameOf } from "./names";

interface Props {
  member: Member;
  onClose: () => void;
  onChanged: () => void;
}

/** Gives a member another role; a promised one is given up with that. */
export function RoleDialog({ member, onClose, onChanged }: Props) {
  const texts = useTexts(members);
  const names = useTexts(roles).names;
  const buttons = useTexts(common);
  const announce = useAnnounce();
  const prove = useProof();
  const { tenant, user } = useUser();
  const name = useNameOf()(member);
  const [role, setRole] = useState<Role>(member.role);
  const submission = useSubmit(async () => {
    const params = { path: { tenantId: tenant.tenantId, userId: member.userId } };
    await prove(() => coditect.patch("/api/v5/tenants/{tenantId}/members/{userId}", { params, body: { role } }));
    announce(texts.changed(name, names[role]));
    onChanged();
    onClose();
  });
  return (
    <Dialog title={texts.changeTitle(name)} onClose={onClose}>
      {member.userId === user.userId && <p className="muted">{texts.changeOwn}</p>}
      <Form
        submission={submission}
        onSubmit={() => void submission.submit()}
        action={texts.changeAction}
        beside={<Button onPress={onClose}>{buttons.cancel}</Button>}
      >
        <RoleSelect value={role} onChange={setRole} />
      </Form>
    </Dialog>
  );
}

import { useState } from "react";
import { useNavigate } from "react-router";

import { coditect, useUser } from "../../app/client";
import { useProof } from "../../auth/logins/proof";
import { members } from "../../texts/members";
import { useTexts } from "../../texts/catalogue";
import { useAnnounce } from "../../ui/announce";
import { Button } from "../../ui/button";
import { Confirm } from "../../ui/dialog";
import { Card } from "../../ui/page";
import { useRole } from "../memberships/roles";

/** The way out of a team. The last owner has none, and is told what to do. */
export function LeaveCard() {
  const texts = useTexts(members);
  const announce = useAnnounce();
  const navigate = useNavigate();
  const prove = useProof();
  const { tenant, user } = useUser();
  const { may } = useRole();
  const [leaving, setLeaving] = useState(false);
  const leave = async () => {
    const params = { path: { tenantId: tenant.tenantId, userId: user.userId } };
    await prove(() => coditect.delete("/api/v5/tenants/{tenantId}/members/{userId}", { params }));
    announce(texts.left(tenant.name));
    await navigate("/teams");
  };
  return (
    <Card title={texts.leave}>
      <p>{texts.leaveWhy}</p>
      {may("owner") && <p className="muted">{texts.leaveOwner}</p>}
      <div className="row">
        <Button look="danger" onPress={() => setLeaving(true)}>
          {texts.leave}
        </Button>
      </div>
      {leaving && (
        <Confirm
          title={texts.leaveTitle(tenant.name)}
          action={texts.leave}
          onConfirm={leave}
          onClose={() => setLeaving(false)}
        >
          <p>{texts.leaveText}</p>
        </Confirm>
      )}
    </Card>
  );
}

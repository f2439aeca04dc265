import type { components } from "@coditect/client";
import { useState } from "react";

import { coditect, useUser } from "../../app/client";
import { useList } from "../../app/loading";
import { useProof } from "../../auth/logins/proof";
import { teamInvitations } from "../../texts/team_invitations";
import { useTexts } from "../../texts/catalogue";
import { useAnnounce } from "../../ui/announce";
import { Button } from "../../ui/button";
import { Confirm } from "../../ui/dialog";
import { Card, Page } from "../../ui/page";
import { Rows } from "../../ui/states";
import { Time } from "../../ui/time";
import { RequireRole, RoleBadge } from "../memberships/role_fields";
import { useRole } from "../memberships/roles";
import { InviteDialog, MadeDialog } from "./invite_dialog";

export type Invitation = components["schemas"]["tenants.Invitation"];

type Doing = { what: "resend" | "withdraw"; invitation: Invitation };

export function TeamInvitationsPage() {
  const texts = useTexts(teamInvitations);
  const { tenant } = useUser();
  return (
    <RequireRole least="admin" title={texts.title}>
      <Invitations key={tenant.tenantId} tenantId={tenant.tenantId} />
    </RequireRole>
  );
}

function Invitations({ tenantId }: { tenantId: string }) {
  const texts = useTexts(teamInvitations);
  const { tenant } = useUser();
  const { mayChange } = useRole();
  const [inviting, setInviting] = useState(false);
  const [made, setMade] = useState<Invitation | undefined>();
  const [doing, setDoing] = useState<Doing | undefined>();
  const list = useList(async (pageToken, signal) => {
    const params = { path: { tenantId }, query: pageToken ? { pageToken } : {} };
    const page = await coditect.get("/api/v5/tenants/{tenantId}/invitations", { params, ...(signal && { signal }) });
    return { items: page.invitations, nextPageToken: page.nextPageToken };
  });
  const show = (invitation: Invitation) => {
    setMade(invitation);
    list.reload();
  };
  return (
    <Page
      title={texts.title}
      context={tenant.name}
      actions={
        mayChange("admin") && (
          <Button look="primary" onPress={() => setInviting(true)}>
            {texts.invite}
          </Button>
        )
      }
    >
      <Card>
        <Rows of={list} label={texts.title} keyOf={(one) => one.invitationId} empty={texts.none}>
          {(one) => <Row invitation={one} onDo={(what) => setDoing({ what, invitation: one })} />}
        </Rows>
      </Card>
      {inviting && <InviteDialog onClose={() => setInviting(false)} onInvited={show} />}
      {doing?.what === "resend" && (
        <ResendDialog invitation={doing.invitation} onClose={() => setDoing(undefined)} onSent={show} />
      )}
      {doing?.what === "withdraw" && (
        <WithdrawDialog invitation={doing.invitation} onClose={() => setDoing(undefined)} onWithdrawn={list.reload} />
      )}
      {made && <MadeDialog invitation={made} onClose={() => setMade(undefined)} />}
    </Page>
  );
}

function Row({ invitation, onDo }: { invitation: Invitation; onDo: (what: Doing["what"]) => void }) {
  const texts = useTexts(teamInvitations);
  const { mayChange } = useRole();
  return (
    <>
      <div className="what">
        <span>{invitation.email}</span>
        <p className="small muted">
          {texts.sent} <Time value={invitation.createTime} />, {texts.expires} <Time value={invitation.expireTime} />
        </p>
      </div>
      <RoleBadge role={invitation.role} />
      {mayChange(invitation.role) && (
        <div className="row">
          <Button onPress={() => onDo("resend")} aria-label={`${texts.resend}: ${invitation.email}`}>
            {texts.resend}
          </Button>
          <Button look="danger" onPress={() => onDo("withdraw")} aria-label={`${texts.withdraw}: ${invitation.email}`}>
            {texts.withdraw}
          </Button>
        </div>
      )}
    </>
  );
}

interface ResendProps {
  invitation: Invitation;
  onClose: () => void;
  onSent: (invitation: Invitation) => void;
}

function ResendDialog({ invitation, onClose, onSent }: ResendProps) {
  const texts = useTexts(teamInvitations);
  const prove = useProof();
  const { tenantId } = useUser().tenant;
  const resend = async () => {
    const params = { path: { tenantId, invitationId: invitation.invitationId } };
    const path = "/api/v5/tenants/{tenantId}/invitations/{invitationId}/resend";
    onSent(await prove(() => coditect.post(path, { params, body: {} })));
  };
  return (
    <Confirm
      title={texts.resendTitle(invitation.email)}
      action={texts.resend}
      look="primary"
      onConfirm={resend}
      onClose={onClose}
    >
      <p>{texts.resendText}</p>
    </Confirm>
  );
}

function WithdrawDialog({ invitation, onClose, onWithdrawn }: { invitation: Invitation; onClose: () => void; onWithdrawn: () => void }) {
  const texts = useTexts(teamInvitations);
  const announce = useAnnounce();
  const { tenantId } = useUser().tenant;
  const withdraw = async () => {
    const params = { path: { tenantId, invitationId: invitation.invitationId } };
    await coditect.delete("/api/v5/tenants/{tenantId}/invitations/{invitationId}", { params });
    announce(texts.withdrawn(invitation.email));
    onWithdrawn();
  };
  return (
    <Confirm title={texts.withdrawTitle(invitation.email)} action={texts.withdraw} onConfirm={withdraw} onClose={onClose}>
      <p>{texts.withdrawText}</p>
    </Confirm>
  );
}

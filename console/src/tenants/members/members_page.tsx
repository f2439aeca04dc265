import { useState } from "react";

import { coditect, useUser } from "../../app/client";
import { type LoadedList, useList } from "../../app/loading";
import { useProof } from "../../auth/logins/proof";
import { members } from "../../texts/members";
import { roles } from "../../texts/roles";
import { useTexts } from "../../texts/catalogue";
import { useAnnounce } from "../../ui/announce";
import { Button, LinkButton } from "../../ui/button";
import { Confirm } from "../../ui/dialog";
import { Notice } from "../../ui/notice";
import { Badge, Card, Page } from "../../ui/page";
import { Rows } from "../../ui/states";
import { ExactTime } from "../../ui/time";
import { RoleBadge } from "../memberships/role_fields";
import { isAtLeast, useRole } from "../memberships/roles";
import { LeaveCard } from "./leave_card";
import { type Member, useNameOf } from "./names";
import { RoleDialog } from "./role_dialog";

interface Managing {
  member: Member;
  how: "role" | "remove";
}

export function MembersPage() {
  const texts = useTexts(members);
  const { tenant, user } = useUser();
  const { mayChange } = useRole();
  const list = useMembers(tenant.tenantId);
  const [managing, setManaging] = useState<Managing | undefined>();
  const own = list.data?.items.find((one) => one.userId === user.userId);
  const close = () => setManaging(undefined);
  return (
    <Page
      title={texts.title}
      context={tenant.name}
      actions={
        mayChange("admin") && (
          <LinkButton to={`/teams/${tenant.tenantId}/invitations`} look="primary">
            {texts.invite}
          </LinkButton>
        )
      }
    >
      {own?.promisedRole && <PromisedRole role={own.promisedRole} />}
      <Card>
        <Rows of={list} label={texts.title} keyOf={(one) => one.userId}>
          {(one) => <Row member={one} onManage={(how) => setManaging({ member: one, how })} />}
        </Rows>
      </Card>
      {/* Below the list, not before it, so that it does not move; also for who must not see the list. */}
      {mayChange("member") && (list.data || list.error) !== undefined && <LeaveCard />}
      {managing?.how === "role" && <RoleDialog member={managing.member} onClose={close} onChanged={list.reload} />}
      {managing?.how === "remove" && <RemoveDialog member={managing.member} onClose={close} onRemoved={list.reload} />}
    </Page>
  );
}

function useMembers(tenantId: string): LoadedList<Member> {
  return useList(async (pageToken, signal) => {
    const params = { path: { tenantId }, query: pageToken ? { pageToken } : {} };
    const page = await coditect.get("/api/v5/tenants/{tenantId}/members", { params, ...(signal && { signal }) });
    return { items: page.members, nextPageToken: page.nextPageToken };
  }, tenantId);
}

/** A role that waits for a proof of the user's address. */
function PromisedRole({ role }: { role: "owner" | "admin" }) {
  const texts = useTexts(members);
  const names = useTexts(roles).names;
  return (
    <Notice look="warning">
      <p>{texts.promisedToYou(names[role])}</p>
      <div className="row">
        <LinkButton to="/account">{texts.prove}</LinkButton>
      </div>
    </Notice>
  );
}

function Row({ member, onManage }: { member: Member; onManage: (how: Managing["how"]) => void }) {
  const texts = useTexts(members);
  const names = useTexts(roles).names;
  const { user } = useUser();
  const { role, mayChange } = useRole();
  const name = useNameOf()(member);
  const own = member.userId === user.userId;
  const manageable = mayChange("admin") && isAtLeast(role, member.role);
  return (
    <>
      <div className="what">
        <div className="row">
          <span>{name}</span>
          {own && <Badge look="good">{texts.you}</Badge>}
        </div>
        <p className="small muted">
          {member.email}, {texts.joined} <ExactTime value={member.joinTime} />
        </p>
        {member.promisedRole && <p className="small muted">{texts.promised(names[member.promisedRole])}</p>}
      </div>
      <RoleBadge role={member.role} />
      {manageable && (
        <div className="row">
          <Button onPress={() => onManage("role")} aria-label={`${texts.change}: ${name}`}>
            {texts.change}
          </Button>
          {!own && (
            <Button look="danger" onPress={() => onManage("remove")} aria-label={`${texts.remove}: ${name}`}>
              {texts.remove}
            </Button>
          )}
        </div>
      )}
    </>
  );
}

function RemoveDialog({ member, onClose, onRemoved }: { member: Member; onClose: () => void; onRemoved: () => void }) {
  const texts = useTexts(members);
  const announce = useAnnounce();
  const prove = useProof();
  const { tenantId } = useUser().tenant;
  const name = useNameOf()(member);
  const remove = async () => {
    const params = { path: { tenantId, userId: member.userId } };
    await prove(() => coditect.delete("/api/v5/tenants/{tenantId}/members/{userId}", { params }));
    announce(texts.removed(name));
    onRemoved();
  };
  return (
    <Confirm title={texts.removeTitle(name)} action={texts.remove} onConfirm={remove} onClose={onClose}>
      <p>{texts.removeText}</p>
    </Confirm>
  );
}

import { type components, LoginChangedError } from "@coditect/client";
import { useState } from "react";
import { Link } from "react-aria-components";
import { useNavigate } from "react-router";

import { coditect, useUser } from "../../app/client";
import { useList, useSubmit } from "../../app/loading";
import { useProof } from "../../auth/logins/proof";
import { common } from "../../texts/common";
import { organizations } from "../../texts/organizations";
import { useTexts } from "../../texts/catalogue";
import { useAnnounce } from "../../ui/announce";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Form, TextField } from "../../ui/form";
import { ErrorNotice } from "../../ui/notice";
import { Badge, Card, Page } from "../../ui/page";
import { Rows } from "../../ui/states";
import { Time } from "../../ui/time";
import { RoleBadge } from "../memberships/role_fields";

type Tenant = components["schemas"]["tenants.Tenant"];

export function TeamsPage() {
  const texts = useTexts(organizations);
  const [creating, setCreating] = useState(false);
  const list = useList(async (pageToken, signal) => {
    const query = pageToken ? { pageToken } : {};
    const page = await coditect.get("/api/v5/tenants", { params: { query }, ...(signal && { signal }) });
    return { items: page.tenants.filter((one) => one.kind === "organization"), nextPageToken: page.nextPageToken };
  });
  const change = useSwitch();
  return (
    <Page
      title={texts.title}
      actions={
        <Button look="primary" onPress={() => setCreating(true)}>
          {texts.create}
        </Button>
      }
    >
      <Card>
        <ErrorNotice error={change.error} />
        <Rows of={list} label={texts.title} keyOf={(team) => team.tenantId} empty={texts.none}>
          {(team) => <Team team={team} onSwitch={() => void change.submit(team.tenantId)} pending={change.pending} />}
        </Rows>
      </Card>
      {creating && <CreateDialog onClose={() => setCreating(false)} />}
    </Page>
  );
}

/** Makes a team the active tenant, and goes to its page. */
function useSwitch() {
  const navigate = useNavigate();
  const prove = useProof();
  return useSubmit(async (tenantId: string) => {
    await prove(() => coditect.switchTenant(tenantId));
    await navigate(`/teams/${tenantId}`);
  });
}

function Team({ team, onSwitch, pending }: { team: Tenant; onSwitch: () => void; pending: boolean }) {
  const texts = useTexts(organizations);
  const { tenant } = useUser();
  const active = team.tenantId === tenant.tenantId;
  return (
    <>
      <div className="what">
        <div className="row">
          <Link href={`/teams/${team.tenantId}`}>{team.name}</Link>
          {active && <Badge look="good">{texts.active}</Badge>}
          {team.state === "suspended" && <Badge look="warning">{texts.suspended}</Badge>}
        </div>
        <p className="small muted">
          {team.slug}, {texts.since} <Time value={team.createTime} />
        </p>
      </div>
      <RoleBadge role={team.role} />
      {!active && (
        <Button onPress={onSwitch} isDisabled={pending} aria-label={`${texts.act}: ${team.name}`}>
          {texts.act}
        </Button>
      )}
    </>
  );
}

function CreateDialog({ onClose }: { onClose: () => void }) {
  const texts = useTexts(organizations);
  const buttons = useTexts(common);
  const announce = useAnnounce();
  const navigate = useNavigate();
  const prove = useProof();
  const submission = useSubmit(async (name: string, slug: string) => {
    const made = await coditect.post("/api/v5/tenants", { body: { name, ...(slug && { slug }) } });
    announce(texts.created(made.name));
    const show = () => navigate(`/teams/${made.tenantId}`);
    try {
      await prove(() => coditect.switchTenant(made.tenantId));
    } catch (error) {
      // The page of the team offers the switch again; but not to another user who has logged in meanwhile.
      if (!(error instanceof LoginChangedError)) await show();
      throw error;
    }
    await show();
  });
  return (
    <Dialog title={texts.create} onClose={onClose}>
      <Form
        submission={submission}
        onSubmit={({ name, slug }) => void submission.submit(name ?? "", slug ?? "")}
        action={texts.createAction}
        beside={<Button onPress={onClose}>{buttons.cancel}</Button>}
      >
        <TextField name="name" label={texts.name} description={texts.nameHint} autoComplete="organization" autoFocus />
        <TextField name="slug" label={texts.slug} description={texts.slugHint} required={false} spellCheck={false} autoComplete="off" />
      </Form>
    </Dialog>
  );
}

import { useState } from "react";

import { coditect, useUser } from "../../app/client";
import { useSubmit } from "../../app/loading";
import { common } from "../../texts/common";
import { organizations } from "../../texts/organizations";
import { roles } from "../../texts/roles";
import { useTexts } from "../../texts/catalogue";
import { useAnnounce } from "../../ui/announce";
import { Button } from "../../ui/button";
import { Confirm } from "../../ui/dialog";
import { Form, TextField } from "../../ui/form";
import { Card, Facts, Page } from "../../ui/page";
import { ExactTime } from "../../ui/time";
import { useRole } from "../memberships/roles";
import { DeleteTeamCard } from "./delete_team_card";

export function TeamSettingsPage() {
  const texts = useTexts(organizations);
  const names = useTexts(roles).names;
  const { tenant } = useUser();
  const { may, mayChange } = useRole();
  return (
    <Page title={texts.settings} context={tenant.name}>
      <Card title={texts.facts}>
        <Facts
          facts={[
            [texts.rename, tenant.name],
            [texts.address, <code>{tenant.slug}</code>],
            [texts.id, <code>{tenant.tenantId}</code>],
            [texts.state, texts.states[tenant.state]],
            [texts.yourRole, names[tenant.role]],
            [texts.createTime, <ExactTime value={tenant.createTime} />],
          ]}
        />
      </Card>
      {mayChange("admin") && <NameCard />}
      {may("owner") && <SuspensionCard />}
      {may("owner") && <DeleteTeamCard />}
    </Page>
  );
}

function NameCard() {
  const texts = useTexts(organizations);
  const buttons = useTexts(common);
  const announce = useAnnounce();
  const { tenantId, name: present } = useUser().tenant;
  const submission = useSubmit(async (name: string) => {
    await coditect.patch("/api/v5/tenants/{tenantId}", { params: { path: { tenantId } }, body: { name } });
    announce(texts.renamed);
  });
  return (
    <Card title={texts.rename}>
      <Form submission={submission} onSubmit={({ name }) => void submission.submit(name ?? "")} action={buttons.save}>
        <TextField name="name" label={texts.name} description={texts.nameHint} defaultValue={present} autoComplete="organization" />
      </Form>
    </Card>
  );
}

function SuspensionCard() {
  const texts = useTexts(organizations);
  const announce = useAnnounce();
  const { tenantId, name, state } = useUser().tenant;
  const [asking, setAsking] = useState(false);
  const active = state === "active";
  const change = async () => {
    const body = { state: active ? "suspended" : "active" } as const;
    await coditect.patch("/api/v5/tenants/{tenantId}", { params: { path: { tenantId } }, body });
    announce(active ? texts.suspendDone : texts.resumeDone);
  };
  return (
    <Card title={texts.suspension}>
      <p>{active ? texts.suspendText : texts.suspendedNote}</p>
      <div className="row">
        <Button look={active ? "danger" : "primary"} onPress={() => setAsking(true)}>
          {active ? texts.suspend : texts.resume}
        </Button>
      </div>
      {asking && (
        <Confirm
          title={active ? texts.suspendTitle(name) : texts.resumeTitle(name)}
          action={active ? texts.suspend : texts.resume}
          look={active ? "danger" : "primary"}
          onConfirm={change}
          onClose={() => setAsking(false)}
        >
          <p>{active ? texts.suspendText : texts.resumeText}</p>
        </Confirm>
      )}
    </Card>
  );
}

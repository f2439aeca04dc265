import { useState } from "react";
import { Link } from "react-aria-components";
import { useNavigate } from "react-router";

import { coditect, useUser } from "../../app/client";
import { RequireRole, RoleBadge } from "../../tenants/memberships/role_fields";
import { useRole } from "../../tenants/memberships/roles";
import { serviceAccounts } from "../../texts/service_accounts";
import { useTexts } from "../../texts/catalogue";
import { useAnnounce } from "../../ui/announce";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Card, Page } from "../../ui/page";
import { Rows } from "../../ui/states";
import { ExactTime } from "../../ui/time";
import { useProof } from "../logins/proof";
import { ScopeBadges } from "../scopes/scope_fields";
import { AccountForm, type AccountValues } from "./account_form";
import { type ServiceAccount, useServiceAccounts } from "./service_account";

export function ServiceAccountsPage() {
  const texts = useTexts(serviceAccounts);
  return (
    <RequireRole least="admin" title={texts.title}>
      <ServiceAccountList />
    </RequireRole>
  );
}

function ServiceAccountList() {
  const texts = useTexts(serviceAccounts);
  const { tenant } = useUser();
  const { mayChange } = useRole();
  const list = useServiceAccounts();
  const [creating, setCreating] = useState(false);
  return (
    <Page
      title={texts.title}
      context={tenant.name}
      actions={
        mayChange("admin") && (
          <Button look="primary" onPress={() => setCreating(true)}>
            {texts.create}
          </Button>
        )
      }
    >
      <p className="muted">{texts.what}</p>
      <Card>
        <Rows of={list} label={texts.title} keyOf={(one) => one.accountId} empty={texts.none}>
          {(one) => <Row account={one} />}
        </Rows>
      </Card>
      {creating && <CreateDialog onClose={() => setCreating(false)} />}
    </Page>
  );
}

function Row({ account }: { account: ServiceAccount }) {
  const texts = useTexts(serviceAccounts);
  return (
    <>
      <div className="what">
        <Link href={`/teams/${account.tenantId}/service-accounts/${account.accountId}`}>
          <bdi>{account.name}</bdi>
        </Link>
        <p className="small muted">
          {texts.made} <ExactTime value={account.createTime} />
        </p>
        <ScopeBadges scopes={account.scopes} />
      </div>
      <RoleBadge role={account.role} />
    </>
  );
}

/** Makes a service account, and goes to its page, where it gets its first key. */
function CreateDialog({ onClose }: { onClose: () => void }) {
  const texts = useTexts(serviceAccounts);
  const announce = useAnnounce();
  const navigate = useNavigate();
  const prove = useProof();
  const { tenantId } = useUser().tenant;
  const create = async (body: AccountValues) => {
    const params = { path: { tenantId } };
    const made = await prove(() => coditect.post("/api/v5/tenants/{tenantId}/service-accounts", { params, body }));
    announce(texts.createdDone);
    await navigate(`/teams/${tenantId}/service-accounts/${made.accountId}`);
  };
  return (
    <Dialog title={texts.create} onClose={onClose}>
      <AccountForm action={texts.createAction} onSubmit={create} onClose={onClose} />
    </Dialog>
  );
}

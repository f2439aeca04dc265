import { isCode } from "@coditect/client";
import { useState } from "react";
import { useNavigate, useParams } from "react-router";

import { coditect, useUser } from "../../app/client";
import { useLoad } from "../../app/loading";
import { RequireRole, RoleBadge } from "../../tenants/memberships/role_fields";
import { useRole } from "../../tenants/memberships/roles";
import { common } from "../../texts/common";
import { serviceAccounts } from "../../texts/service_accounts";
import { useTexts } from "../../texts/catalogue";
import { useAnnounce } from "../../ui/announce";
import { Button, LinkButton } from "../../ui/button";
import { Confirm, Dialog } from "../../ui/dialog";
import { Card, Facts, Page } from "../../ui/page";
import { Ready } from "../../ui/states";
import { ExactTime } from "../../ui/time";
import { useProof } from "../logins/proof";
import { ScopeBadges } from "../scopes/scope_fields";
import { AccountForm, type AccountValues } from "./account_form";
import { KeysCard } from "./keys_card";
import { ACCOUNT, type ServiceAccount } from "./service_account";

export function ServiceAccountPage() {
  const texts = useTexts(serviceAccounts);
  return (
    <RequireRole least="admin" title={texts.one}>
      <Account />
    </RequireRole>
  );
}

function Account() {
  const texts = useTexts(serviceAccounts);
  const { accountId = "" } = useParams();
  const { tenantId, name: team } = useUser().tenant;
  const account = useLoad((signal) => coditect.get(ACCOUNT, { params: { path: { tenantId, accountId } }, signal }), accountId);
  const missing = isCode(account.error, "SERVICE_ACCOUNT_NOT_FOUND", "INVALID_REQUEST");
  return (
    <Page
      title={missing ? texts.notFound : (account.data?.name ?? texts.one)}
      context={team}
      actions={<LinkButton to={`/teams/${tenantId}/service-accounts`}>{texts.all}</LinkButton>}
    >
      {missing ? (
        <p>{texts.notFoundWhy}</p>
      ) : (
        <Ready of={account}>
          {(found) => (
            <>
              <FactsCard account={found} onChanged={(next) => account.replace(() => next)} />
              <KeysCard account={found} />
            </>
          )}
        </Ready>
      )}
    </Page>
  );
}

interface FactsProps {
  account: ServiceAccount;
  onChanged: (account: ServiceAccount) => void;
}

function FactsCard({ account, onChanged }: FactsProps) {
  const texts = useTexts(serviceAccounts);
  const buttons = useTexts(common);
  const { mayChange } = useRole();
  const [asking, setAsking] = useState<"edit" | "remove" | undefined>();
  const close = () => setAsking(undefined);
  return (
    <Card title={texts.facts}>
      <Facts
        facts={[
          [texts.role, <RoleBadge role={account.role} />],
          [texts.scopes, <ScopeBadges scopes={account.scopes} />],
          [texts.createTime, <ExactTime value={account.createTime} />],
          [texts.id, <code>{account.accountId}</code>],
        ]}
      />
      {mayChange("admin") && (
        <div className="row">
          <Button onPress={() => setAsking("edit")}>{buttons.edit}</Button>
          <Button look="danger" onPress={() => setAsking("remove")}>
            {texts.remove}
          </Button>
        </div>
      )}
      {asking === "edit" && <EditDialog account={account} onClose={close} onChanged={onChanged} />}
      {asking === "remove" && <RemoveDialog account={account} onClose={close} />}
    </Card>
  );
}

/** Sends only what was changed here, so that it replaces nothing that another admin has changed meanwhile. */
function EditDialog({ account, onClose, onChanged }: FactsProps & { onClose: () => void }) {
  const texts = useTexts(serviceAccounts);
  const buttons = useTexts(common);
  const announce = useAnnounce();
  const prove = useProof();
  const save = async ({ name, role, scopes }: AccountValues) => {
    const { tenantId, accountId } = account;
    const body = {
      ...(name !== account.name && { name }),
      ...(role !== account.role && { role }),
      ...(String(scopes) !== String(account.scopes) && { scopes }),
    };
    onChanged(await prove(() => coditect.patch(ACCOUNT, { params: { path: { tenantId, accountId } }, body })));
    announce(texts.changed);
    onClose();
  };
  return (
    <Dialog title={texts.editTitle(account.name)} onClose={onClose}>
      <AccountForm present={account} action={buttons.save} onSubmit={save} onClose={onClose} />
    </Dialog>
  );
}

function RemoveDialog({ account, onClose }: { account: ServiceAccount; onClose: () => void }) {
  const texts = useTexts(serviceAccounts);
  const announce = useAnnounce();
  const navigate = useNavigate();
  const prove = useProof();
  const { tenantId, accountId, name } = account;
  const remove = async () => {
    await prove(() => coditect.delete(ACCOUNT, { params: { path: { tenantId, accountId } } }));
    announce(texts.removed);
    await navigate(`/teams/${tenantId}/service-accounts`);
  };
  return (
    <Confirm title={texts.removeTitle(name)} action={texts.remove} onConfirm={remove} onClose={onClose}>
      <p>{texts.removeText}</p>
    </Confirm>
  );
}

import { isCode } from "@coditect/client";
import { useState } from "react";

import { coditect, useUser } from "../../app/client";
import { useSubmit } from "../../app/loading";
import { ProgramName, ScopeList, TenantChoice } from "../authorizations/consent";
import { useProof } from "../logins/proof";
import { type OwnTenant, useOwnTenants } from "../../tenants/memberships/own_tenants";
import { authorizations } from "../../texts/authorizations";
import { common } from "../../texts/common";
import { deviceLogin } from "../../texts/device_login";
import { useTexts } from "../../texts/catalogue";
import { Button } from "../../ui/button";
import { ErrorNotice, Notice } from "../../ui/notice";
import { Card, Facts, Page } from "../../ui/page";
import { Ready } from "../../ui/states";
import { Time } from "../../ui/time";
import type { Device } from "./device_page";

interface Props {
  device: Device;
  onAnswered: (allowed: boolean) => void;
  onOtherCode: () => void;
}

/** Shows the device that waits, and what it asks for. The user lets it in, or refuses. */
export function AnswerDevice({ device, onAnswered, onOtherCode }: Props) {
  const texts = useTexts(deviceLogin);
  const words = useTexts(authorizations);
  const tenants = useOwnTenants();
  const { shown } = device;
  return (
    <Page title={texts.letIn}>
      <Card>
        <p>
          <ProgramName name={shown.clientName} /> {texts.asks}
        </p>
        <Notice look={shown.sameNetwork ? "info" : "warning"}>
          <p>{texts.check}</p>
          {!shown.sameNetwork && <p>{texts.elsewhere}</p>}
        </Notice>
        {!shown.clientKnown && <Notice look="warning">{texts.unknown}</Notice>}
        <About device={device} />
        <h2>{words.could}</h2>
        <ScopeList scopes={shown.scopes} />
        <Ready of={tenants}>
          {(found) => <Answer {...{ device, onAnswered, onOtherCode }} tenants={found} />}
        </Ready>
        <p className="small muted">{words.later}</p>
      </Card>
    </Page>
  );
}

function About({ device: { userCode, shown } }: { device: Device }) {
  const texts = useTexts(deviceLogin);
  const words = useTexts(authorizations);
  const { unknown } = useTexts(common);
  const { user } = useUser();
  return (
    <Facts
      facts={[
        [texts.code, <strong className="mono">{userCode.toUpperCase()}</strong>],
        [texts.device, <bdi>{shown.userAgent || unknown}</bdi>],
        [texts.address, shown.address || unknown],
        [texts.asked, <Time value={shown.createTime} />],
        [words.you, <bdi>{user.email}</bdi>],
        [words.program, <code>{shown.clientId}</code>],
      ]}
    />
  );
}

function Answer({ device, tenants, onAnswered, onOtherCode }: Props & { tenants: readonly OwnTenant[] }) {
  const texts = useTexts(deviceLogin);
  const { tenant } = useUser();
  const prove = useProof();
  const [tenantId, setTenantId] = useState(device.shown.tenantId ?? tenant.tenantId);
  const send = (approve: boolean) =>
    prove(() =>
      coditect.post("/api/v5/oauth/device/{userCode}", {
        params: { path: { userCode: device.userCode } },
        body: approve ? { approve, tenantId } : { approve },
      }),
    ).then(() => onAnswered(approve));
  const allow = useSubmit(() => send(true));
  const refuse = useSubmit(() => send(false));
  const error = allow.error ?? refuse.error;
  const over = isCode(error, "DEVICE_LOGIN_NOT_FOUND");
  const answer = (chosen: typeof allow, other: typeof allow) => {
    other.clear();
    void chosen.submit();
  };
  return (
    <>
      <TenantChoice tenants={tenants} bound={device.shown.tenantId} value={tenantId} onChange={setTenantId} />
      <ErrorNotice error={error} />
      <div className="row">
        <Button
          look="primary"
          deliberate
          onPress={() => answer(allow, refuse)}
          pending={allow.pending}
          isDisabled={over || refuse.pending}
        >
          {texts.allow}
        </Button>
        <Button onPress={() => answer(refuse, allow)} pending={refuse.pending} isDisabled={over || allow.pending}>
          {texts.refuse}
        </Button>
        <Button look="quiet" onPress={onOtherCode}>
          {texts.otherCode}
        </Button>
      </div>
    </>
  );
}

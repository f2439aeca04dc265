import { isCode } from "@coditect/client";
import { useState } from "react";

import { coditect, useUser } from "../../app/client";
import { useSubmit } from "../../app/loading";
import { useProof } from "../logins/proof";
import { type OwnTenant, useOwnTenants } from "../../tenants/memberships/own_tenants";
import { authorizations } from "../../texts/authorizations";
import { useTexts } from "../../texts/catalogue";
import { Button } from "../../ui/button";
import { ErrorNotice, Notice } from "../../ui/notice";
import { Card, Facts, Page } from "../../ui/page";
import { Ready } from "../../ui/states";
import type { Asked, Parameters, StepProps } from "./authorize_page";
import { ProgramName, ScopeList, TenantChoice } from "./consent";
import { Leaving, usePlaceText } from "./leaving";

interface Props extends StepProps {
  parameters: Parameters;
}

/** Shows what a program asks for. The user allows it, or refuses. */
export function ConsentPage({ asked, parameters, onRefuse }: Props) {
  const texts = useTexts(authorizations);
  const tenants = useOwnTenants();
  const [leadsTo, setLeadsTo] = useState<string | undefined>();
  if (leadsTo !== undefined) return <Leaving uri={leadsTo} />;
  return (
    <Page title={texts.title}>
      <Card>
        <p>
          <ProgramName name={asked.clientName} /> {texts.asks}
        </p>
        {!asked.clientKnown && <Notice look="warning">{texts.unknown}</Notice>}
        <h2>{texts.could}</h2>
        <ScopeList scopes={asked.scopes} />
        <About asked={asked} />
        <Ready of={tenants}>
          {(found) => <Answer {...{ asked, parameters, onRefuse }} tenants={found} onAllowed={setLeadsTo} />}
        </Ready>
        <p className="small muted">{texts.later}</p>
      </Card>
    </Page>
  );
}

function About({ asked }: { asked: Asked }) {
  const texts = useTexts(authorizations);
  const { user } = useUser();
  const placeText = usePlaceText();
  return (
    <Facts
      facts={[
        [texts.you, <bdi>{user.email}</bdi>],
        [texts.returnTo, <bdi>{placeText(asked.redirectUri)}</bdi>],
        [texts.program, <code>{asked.clientId}</code>],
      ]}
    />
  );
}

interface AnswerProps {
  asked: Asked;
  parameters: Parameters;
  tenants: readonly OwnTenant[];
  /** Gets where the program waits for the answer. */
  onAllowed: (redirectUri: string) => void;
  onRefuse: () => void;
}

function Answer({ asked, parameters, tenants, onAllowed, onRefuse }: AnswerProps) {
  const texts = useTexts(authorizations);
  const { tenant } = useUser();
  const prove = useProof();
  const [tenantId, setTenantId] = useState(asked.tenantId ?? tenant.tenantId);
  const allow = useSubmit(async () => {
    const body = { parameters, approve: true, tenantId };
    const answer = await prove(() => coditect.post("/api/v5/oauth/authorizations", { body }));
    onAllowed(answer.redirectUri);
  });
  const logout = useSubmit(() => coditect.logout());
  const over = isCode(allow.error, "AUTHORIZATION_REQUEST_INVALID");
  return (
    <>
      <TenantChoice tenants={tenants} bound={asked.tenantId} value={tenantId} onChange={setTenantId} />
      <ErrorNotice error={allow.error ?? logout.error} />
      <div className="row">
        <Button look="primary" deliberate onPress={() => void allow.submit()} pending={allow.pending} isDisabled={over}>
          {texts.allow}
        </Button>
        <Button onPress={onRefuse}>{texts.refuse}</Button>
        <Button look="quiet" onPress={() => void logout.submit()} pending={logout.pending}>
          {texts.otherAccount}
        </Button>
      </div>
    </>
  );
}

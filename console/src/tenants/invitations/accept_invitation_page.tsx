import { isCode, type Data } from "@coditect/client";
import { useState } from "react";
import { useLocation, useNavigate } from "react-router";

import { useProof } from "../../auth/logins/proof";
import { checkLogin, coditect, useLogin, useUser } from "../../app/client";
import { forgetLinkToken, tokenIn, useLinkToken } from "../../app/link_token";
import { useSubmit } from "../../app/loading";
import { Starting } from "../../app/start";
import { invitationLinks } from "../../texts/invitation_links";
import { logins } from "../../texts/logins";
import { useTexts } from "../../texts/catalogue";
import { Button, LinkButton } from "../../ui/button";
import { Form, TextField } from "../../ui/form";
import { ErrorNotice, Notice } from "../../ui/notice";
import { Card, Page } from "../../ui/page";

type Team = Data<"post", "/api/v5/invitations/accept">;

/** The page behind the link of an invitation. Its token waits in memory while the user logs in or registers. */
export function AcceptInvitationPage() {
  const texts = useTexts(invitationLinks);
  const state = useLogin();
  const [team, setTeam] = useState<Team | undefined>();
  return (
    <Page title={texts.title}>
      {state.status === "starting" && <Starting />}
      {state.status === "signedOut" && <LogInFirst />}
      {state.status === "signedIn" && !team && <Accept onAccepted={setTeam} />}
      {state.status === "signedIn" && team && <Accepted team={team} />}
    </Page>
  );
}

function LogInFirst() {
  const texts = useTexts(invitationLinks);
  const ways = useTexts(logins);
  const query = new URLSearchParams({ next: useLocation().pathname });
  return (
    <Card>
      <p>{texts.why}</p>
      <p>{texts.logInWhy}</p>
      <div className="row">
        <LinkButton to={`/login?${query}`} look="primary">
          {ways.login}
        </LinkButton>
        <LinkButton to={`/register?${query}`}>{ways.register}</LinkButton>
      </div>
    </Card>
  );
}

function Accept({ onAccepted }: { onAccepted: (team: Team) => void }) {
  const texts = useTexts(invitationLinks);
  const { user } = useUser();
  const token = useLinkToken();
  const submission = useSubmit(async (given: string) => {
    onAccepted(await coditect.post("/api/v5/invitations/accept", { body: { token: given } }));
    forgetLinkToken();
    // The token of the email proves the address, too.
    if (!user.emailVerified) await checkLogin();
  });
  const logout = useSubmit(() => coditect.logout());
  return (
    <Card>
      <p>{texts.why}</p>
      <p>{texts.as(user.email)}</p>
      <Form
        submission={submission}
        onSubmit={(values) => void submission.submit(token ?? tokenIn(values.token ?? ""))}
        action={texts.accept}
        deliberate={token !== undefined}
        beside={
          <Button look="quiet" onPress={() => void logout.submit()} pending={logout.pending}>
            {texts.otherAccount}
          </Button>
        }
      >
        {token === undefined && (
          <TextField name="token" label={texts.token} description={texts.tokenHint} autoComplete="off" spellCheck={false} />
        )}
      </Form>
      <ErrorNotice error={logout.error} />
      <Ways error={submission.error} />
    </Card>
  );
}

/** What helps after a refusal. */
function Ways({ error }: { error: unknown }) {
  const texts = useTexts(invitationLinks);
  const { user } = useUser();
  if (isCode(error, "EMAIL_DOMAIN_NOT_ALLOWED") && !user.emailVerified) {
    return (
      <div className="row">
        <span>{texts.unverified}</span>
        <LinkButton to="/account">{texts.toAccount}</LinkButton>
      </div>
    );
  }
  if (!isCode(error, "MEMBER_EXISTS", "TENANT_LIMIT_REACHED")) return null;
  return (
    <div className="row">
      <LinkButton to="/teams">{texts.toTeams}</LinkButton>
    </div>
  );
}

function Accepted({ team }: { team: Team }) {
  const texts = useTexts(invitationLinks);
  const navigate = useNavigate();
  const prove = useProof();
  const go = useSubmit(async () => {
    await prove(() => coditect.switchTenant(team.tenantId));
    await navigate(`/teams/${team.tenantId}`);
  });
  const role = team.promisedRole as keyof typeof texts.roles | undefined;
  return (
    <Card>
      <Notice look="good" live>
        {texts.accepted(team.name)}
      </Notice>
      {role && <p>{texts.promised(texts.roles[role])}</p>}
      <ErrorNotice error={go.error} />
      <div className="row">
        <Button look="primary" onPress={() => void go.submit()} pending={go.pending}>
          {texts.toTeam}
        </Button>
      </div>
    </Card>
  );
}

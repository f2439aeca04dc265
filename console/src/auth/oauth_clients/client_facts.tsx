import { Link } from "react-aria-components";

import { coditect, useUser } from "../../app/client";
import { useLoad } from "../../app/loading";
import { oauthClients } from "../../texts/oauth_clients";
import { useTexts } from "../../texts/catalogue";
import { Facts } from "../../ui/page";
import { ExactTime } from "../../ui/time";
import { ScopeBadges } from "../scopes/scope_fields";
import { ACCOUNT } from "../service_accounts/service_account";
import { type Grant, type OAuthClient } from "./oauth_client";

export function ClientFacts({ client }: { client: OAuthClient }) {
  const texts = useTexts(oauthClients);
  return (
    <Facts
      facts={[
        [texts.id, <code>{client.clientId}</code>],
        [texts.method, texts.methods[client.authMethod]],
        [texts.grantTypes, <List items={client.grantTypes.map((one) => texts.grants[one as Grant] ?? one)} />],
        [texts.account, client.serviceAccountId && <AccountLink accountId={client.serviceAccountId} />],
        [texts.redirectUris, client.redirectUris.length > 0 && <UriList uris={client.redirectUris} />],
        [texts.scopes, <ScopeBadges scopes={client.scopes} />],
        [texts.jwks, client.jwks && <Keys jwks={client.jwks} />],
        [texts.createTime, <ExactTime value={client.createTime} />],
      ]}
    />
  );
}

function List({ items }: { items: readonly string[] }) {
  return (
    <ul className="plain">
      {items.map((one) => (
        <li key={one}>{one}</li>
      ))}
    </ul>
  );
}

/** As texts: an address of a program is no link for an admin. */
function UriList({ uris }: { uris: readonly string[] }) {
  return (
    <ul className="plain">
      {uris.map((uri) => (
        <li key={uri}>
          <code>{uri}</code>
        </li>
      ))}
    </ul>
  );
}

/** The service account by its name; by its id until that is known. */
function AccountLink({ accountId }: { accountId: string }) {
  const { tenantId } = useUser().tenant;
  const account = useLoad(
    (signal) => coditect.get(ACCOUNT, { params: { path: { tenantId, accountId } }, signal }),
    accountId,
  );
  return <Link href={`/teams/${tenantId}/service-accounts/${accountId}`}>{account.data?.name ?? accountId}</Link>;
}

function Keys({ jwks }: { jwks: Record<string, unknown> }) {
  const texts = useTexts(oauthClients);
  return (
    <pre className="json" role="region" aria-label={texts.jwks} tabIndex={0}>
      {JSON.stringify(jwks, null, 2)}
    </pre>
  );
}

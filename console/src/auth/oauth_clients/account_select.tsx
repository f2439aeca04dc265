import { oauthClients } from "../../texts/oauth_clients";
import { useTexts } from "../../texts/catalogue";
import { Select } from "../../ui/form";
import { Notice } from "../../ui/notice";
import { Ready } from "../../ui/states";
import { useServiceAccounts } from "../service_accounts/service_account";

/** The choice of the service account of which a client gets tokens. */
export function AccountSelect({ present }: { present: string | undefined }) {
  const texts = useTexts(oauthClients);
  const accounts = useServiceAccounts();
  return (
    <Ready of={accounts}>
      {({ items }) =>
        items.length === 0 ? (
          <Notice look="warning">{texts.noAccounts}</Notice>
        ) : (
          <Select
            name="serviceAccountId"
            label={texts.account}
            description={texts.accountHint}
            options={items.map((one) => [one.accountId, one.name])}
            defaultValue={present ?? ""}
          />
        )
      }
    </Ready>
  );
}

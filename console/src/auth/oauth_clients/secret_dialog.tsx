import { oauthClients } from "../../texts/oauth_clients";
import { useTexts } from "../../texts/catalogue";
import { CopyField, ShownOnce } from "../../ui/secret";

interface Props {
  clientId: string;
  secret: string;
  onClose: () => void;
}

/** Shows once what a client needs to show who it is. */
export function SecretDialog({ clientId, secret, onClose }: Props) {
  const texts = useTexts(oauthClients);
  return (
    <ShownOnce title={texts.secretCreated} why={texts.secretCreatedWhy} onClose={onClose}>
      <CopyField label={texts.id} value={clientId} />
      <CopyField label={texts.secret} value={secret} />
    </ShownOnce>
  );
}

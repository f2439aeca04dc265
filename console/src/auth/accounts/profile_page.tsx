import type { components } from "@coditect/client";

import { coditect } from "../../app/client";
import { useLoad, useSubmit } from "../../app/loading";
import { accounts } from "../../texts/accounts";
import { LANGUAGES, useTexts } from "../../texts/catalogue";
import { common } from "../../texts/common";
import { useAnnounce } from "../../ui/announce";
import { Form, Select, TextField } from "../../ui/form";
import { Card, Page } from "../../ui/page";
import { Ready } from "../../ui/states";
import { EmailCard } from "../email_addresses/email_card";
import { DeleteCard } from "./delete_card";
import { DownloadCard } from "./download_card";
import "./profile.css";

type User = components["schemas"]["auth.User"];
type Names = Readonly<Partial<Record<"firstName" | "lastName" | "company" | "language", string>>>;

export function ProfilePage() {
  const texts = useTexts(accounts);
  const me = useLoad((signal) => coditect.get("/api/v5/auth/me", { signal }));
  return (
    <Page title={texts.title}>
      <Card title={texts.names}>
        <div className="profile">
          <Ready of={me}>{(user) => <ProfileForm user={user} onSaved={(saved) => me.replace(() => saved)} />}</Ready>
        </div>
      </Card>
      <EmailCard onChanged={me.reload} />
      <DownloadCard />
      <DeleteCard />
    </Page>
  );
}

function ProfileForm({ user, onSaved }: { user: User; onSaved: (user: User) => void }) {
  const texts = useTexts(accounts);
  const buttons = useTexts(common);
  const announce = useAnnounce();
  const submission = useSubmit(async (names: Names) => {
    // What is the same here may have been changed elsewhere meanwhile, and stays as it is there.
    const changed = Object.entries(names).filter(([name, value]) => user[name as keyof Names] !== value);
    onSaved(await coditect.patch("/api/v5/auth/me", { body: Object.fromEntries(changed) }));
    announce(buttons.saved);
  });
  return (
    <Form submission={submission} onSubmit={(names) => void submission.submit(names)} action={buttons.save}>
      <div className="columns">
        <TextField name="firstName" label={texts.firstName} autoComplete="given-name" defaultValue={user.firstName} />
        <TextField name="lastName" label={texts.lastName} autoComplete="family-name" defaultValue={user.lastName} />
        <TextField
          name="company"
          label={texts.company}
          autoComplete="organization"
          required={false}
          defaultValue={user.company}
        />
        <Select name="language" label={texts.language} options={languages(user.language)} defaultValue={user.language} />
      </div>
    </Form>
  );
}

/** The languages of emails: those of the console, and the user's own if it is another one. */
function languages(current: string): [string, string][] {
  const known = Object.entries(LANGUAGES);
  return current in LANGUAGES ? known : [...known, [current, current]];
}

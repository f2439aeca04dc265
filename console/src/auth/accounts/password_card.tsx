import { useState } from "react";
import { Link } from "react-aria-components";

import { coditect, useUser } from "../../app/client";
import { useSubmit } from "../../app/loading";
import { accounts } from "../../texts/accounts";
import { proofs } from "../../texts/proofs";
import { useTexts } from "../../texts/catalogue";
import { useAnnounce } from "../../ui/announce";
import { Form, TextField } from "../../ui/form";
import { Card } from "../../ui/page";
import { useProof } from "../logins/proof";

/** The change of the password. */
export function PasswordCard() {
  const texts = useTexts(accounts);
  const announce = useAnnounce();
  const prove = useProof();
  const { email } = useUser().user;
  // Another form after a change: nothing that was typed stays.
  const [turn, setTurn] = useState(0);
  const submission = useSubmit(async (currentPassword: string, newPassword: string) => {
    await prove(() => coditect.post("/api/v5/auth/password", { body: { currentPassword, newPassword } }));
    announce(texts.passwordChanged);
    setTurn((before) => before + 1);
  });
  return (
    <Card title={texts.password}>
      <p className="muted">{texts.passwordWhy}</p>
      <Form
        key={turn}
        submission={submission}
        onSubmit={({ currentPassword, newPassword }) => void submission.submit(currentPassword ?? "", newPassword ?? "")}
        action={texts.changePassword}
        beside={<Link href="/forgot-password">{texts.forgot}</Link>}
      >
        {/* Password managers file the new password under it. */}
        <input type="text" name="username" autoComplete="username" value={email} readOnly hidden />
        <div className="columns">
          <TextField
            name="currentPassword"
            type="password"
            label={texts.currentPassword}
            autoComplete="current-password"
          />
          <TextField
            name="newPassword"
            type="password"
            label={texts.newPassword}
            description={useTexts(proofs).newPasswordHint}
            autoComplete="new-password"
          />
        </div>
      </Form>
    </Card>
  );
}

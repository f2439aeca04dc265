/** A further proof of who the user is, which has a new login take the place of the one before. */

import { coditect } from "../../app/client";
import { useLoad, useSubmit } from "../../app/loading";
import { logins } from "../../texts/logins";
import { common } from "../../texts/common";
import { useTexts } from "../../texts/catalogue";
import { Button } from "../../ui/button";
import { Form, TextField } from "../../ui/form";
import { Ready } from "../../ui/states";
import { type Kind, SecondFactorForm } from "./second_factor_form";

interface Props {
  onProved: () => void;
  onClose: () => void;
  /** The text of the button that does not prove anything. */
  close?: string;
}

/** Asks for the second factor of a user who has one, and for the password of the others. */
export function Reauthentication(props: Props) {
  const factors = useLoad(() => coditect.get("/api/v5/auth/factors"));
  return (
    <Ready of={factors}>
      {(found) =>
        found.factors.length === 0 ? <ByPassword {...props} /> : <FactorForm {...props} kinds={found.factors.map((one) => one.kind)} />
      }
    </Ready>
  );
}

export function ByPassword({ onProved, onClose, close }: Props) {
  const texts = useTexts(logins);
  const buttons = useTexts(common);
  const submission = useSubmit(async (password: string) => {
    await coditect.reauthenticate({ password });
    onProved();
  });
  return (
    <Form
      submission={submission}
      onSubmit={({ password }) => void submission.submit(password ?? "")}
      action={texts.confirm}
      beside={<Button onPress={onClose}>{close ?? buttons.cancel}</Button>}
    >
      <TextField name="password" type="password" label={texts.password} autoComplete="current-password" autoFocus />
    </Form>
  );
}

export function BySecondFactor(props: Props) {
  const factors = useLoad(() => coditect.get("/api/v5/auth/factors"));
  return <Ready of={factors}>{(found) => <FactorForm {...props} kinds={found.factors.map((one) => one.kind)} />}</Ready>;
}

function FactorForm({ kinds, onProved, onClose, close }: Props & { kinds: readonly Kind[] }) {
  const buttons = useTexts(common);
  const passkeyOptions = async () => (await coditect.post("/api/v5/auth/login/passkey/options")).options;
  const answer = async (given: Parameters<typeof coditect.reauthenticate>[0]) => {
    await coditect.reauthenticate(given);
    onProved();
  };
  return (
    <SecondFactorForm kinds={kinds} passkeyOptions={passkeyOptions} onAnswer={answer}>
      <Button look="quiet" onPress={onClose}>
        {close ?? buttons.cancel}
      </Button>
    </SecondFactorForm>
  );
}

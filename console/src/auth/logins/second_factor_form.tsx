import { type ReactNode, useState } from "react";

import { useSubmit } from "../../app/loading";
import { logins } from "../../texts/logins";
import { useTexts } from "../../texts/catalogue";
import { Button } from "../../ui/button";
import { Form, TextField } from "../../ui/form";
import { ErrorNotice } from "../../ui/notice";
import { signWithPasskey } from "./passkeys";

export type Kind = "totp" | "passkey" | "recovery_codes";

/** Exactly one of the three. */
export type SecondFactor =
  | { readonly code: string }
  | { readonly recoveryCode: string }
  | { readonly credential: Record<string, unknown> };

interface Props {
  /** Those that the user has. */
  kinds: readonly Kind[];
  /** The options of a passkey's signature, when it is about to sign. */
  passkeyOptions: () => Promise<Record<string, unknown>>;
  onAnswer: (answer: SecondFactor) => Promise<unknown>;
  /** What stands below, such as a way out. */
  children?: ReactNode;
}

/** Asks for a second factor: the simplest that the user has first, the others on request. */
export function SecondFactorForm({ kinds, passkeyOptions, onAnswer, children }: Props) {
  const texts = useTexts(logins);
  const [kind, setKind] = useState<Kind>(["passkey", "totp", "recovery_codes"].find((one) => kinds.includes(one as Kind)) as Kind);
  const answer = useSubmit(onAnswer);
  const sign = useSubmit(async () => onAnswer({ credential: await signWithPasskey(await passkeyOptions()) }));
  const choose = (next: Kind) => {
    answer.clear();
    sign.clear();
    setKind(next);
  };
  const others: [Kind, string][] = [
    ["totp", texts.useCode],
    ["passkey", texts.usePasskey],
    ["recovery_codes", texts.useRecovery],
  ];
  return (
    <div className="stack">
      {kind === "passkey" && (
        <>
          <ErrorNotice error={sign.error} />
          <div className="actions start">
            <Button look="primary" onPress={() => void sign.submit()} pending={sign.pending} autoFocus>
              {texts.usePasskey}
            </Button>
          </div>
        </>
      )}
      {kind === "totp" && (
        <Form submission={answer} onSubmit={({ code }) => void answer.submit({ code: code ?? "" })} action={texts.confirm}>
          <TextField
            key="code"
            name="code"
            label={texts.code}
            description={texts.codeHint}
            inputMode="numeric"
            autoComplete="one-time-code"
            autoFocus
          />
        </Form>
      )}
      {kind === "recovery_codes" && (
        <Form
          submission={answer}
          onSubmit={({ recoveryCode }) => void answer.submit({ recoveryCode: recoveryCode ?? "" })}
          action={texts.confirm}
        >
          <TextField
            key="recoveryCode"
            name="recoveryCode"
            label={texts.recoveryCode}
            description={texts.recoveryCodeHint}
            autoComplete="off"
            autoFocus
          />
        </Form>
      )}
      <div className="row">
        {others
          .filter(([one]) => one !== kind && kinds.includes(one))
          .map(([one, text]) => (
            <Button key={one} look="quiet" onPress={() => choose(one)}>
              {text}
            </Button>
          ))}
        {children}
      </div>
    </div>
  );
}

import { isCode } from "@coditect/client";
import type { ReactNode } from "react";

import { forgetLinkToken, useLinkTokenOf } from "../../app/link_token";
import { useSubmit } from "../../app/loading";
import { proofs } from "../../texts/proofs";
import { useTexts } from "../../texts/catalogue";
import { Button } from "../../ui/button";
import { Form, TextField } from "../../ui/form";

/** What an email brings: the token of its link, or the address that it came to with its code. */
export type Proof = { readonly token: string } | { readonly email: string; readonly code: string };

interface Props {
  /** The path of the link in the email. */
  link: string;
  /** The address that the email came to, if it is known; it is asked for otherwise. */
  email?: string;
  /** What the address is called. */
  emailLabel?: string;
  /** What the proof is good for. `values` are those of the further fields, by their names. */
  onProof: (proof: Proof, values: Readonly<Record<string, string>>) => Promise<unknown>;
  action: string;
  look?: "primary" | "danger";
  beside?: ReactNode;
  /** Further fields. */
  children?: ReactNode;
}

/** Asks for a click if the page was opened by the link of an email, and for the code of the email otherwise. */
export function ProofForm({ link, email, emailLabel, onProof, action, look = "primary", beside, children }: Props) {
  const texts = useTexts(proofs);
  const token = useLinkTokenOf(link);
  const submission = useSubmit(async (values: Readonly<Record<string, string>>) => {
    const typed = { email: email ?? values.email ?? "", code: values.code ?? "" };
    await onProof(token === undefined ? typed : { token }, values);
    forgetLinkToken();
  });
  const refused = token !== undefined && isCode(submission.error, "ONE_TIME_TOKEN_INVALID");
  const useCode = () => {
    submission.clear();
    forgetLinkToken();
  };
  return (
    <Form
      submission={submission}
      onSubmit={(values) => void submission.submit(values)}
      action={action}
      look={look}
      beside={
        <>
          {refused && (
            <Button look="quiet" onPress={useCode}>
              {texts.useCode}
            </Button>
          )}
          {beside}
        </>
      }
    >
      {token === undefined && email === undefined && (
        <TextField name="email" type="email" label={emailLabel ?? texts.email} autoComplete="username" />
      )}
      {token === undefined && (
        <TextField
          name="code"
          label={texts.code}
          description={texts.codeHint}
          autoComplete="one-time-code"
          spellCheck={false}
          autoFocus={email !== undefined}
        />
      )}
      {children}
    </Form>
  );
}

/** A password that is set; its name is that of the contract's field. */
export function NewPassword() {
  const texts = useTexts(proofs);
  return (
    <TextField
      name="newPassword"
      type="password"
      label={texts.newPassword}
      description={texts.newPasswordHint}
      autoComplete="new-password"
    />
  );
}

import type { Challenge } from "@coditect/client";

import { coditect } from "../../app/client";
import type { Proof } from "../one_time_tokens/proof_form";

/** Proves an address, for a user who is logged in to the account or gives its password. */
export async function verify(proof: Proof, newPassword?: string) {
  return coditect.post("/api/v5/auth/email/verify", { body: { ...proof, ...(newPassword && { newPassword }) } });
}

/** Proves an address by its account's password, and logs in with that. Resolves to the challenge, if there is one. */
export async function verifyAndLogIn(proof: Proof, password: string): Promise<Challenge | undefined> {
  const { email } = await verify(proof, password);
  return (await coditect.login({ email, password })).challenge;
}

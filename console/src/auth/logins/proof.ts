/** The further proof of who the user is, which some calls need: the error, and how pages ask for it. */

import { createContext, useContext } from "react";

/** The user did not prove who they are, so the call was not made. */
export class ProofCancelled extends Error {}

/** Makes a call; if it is refused for want of a recent proof, asks for that and makes it again. */
export type Prove = <T>(call: () => Promise<T>) => Promise<T>;

export const ProofContext = createContext<Prove>((call) => call());

/**
 * For calls that change the account or who can use it:
 *
 *     const prove = useProof();
 *     const removal = useSubmit(() => prove(() => coditect.delete(…)));
 */
export function useProof(): Prove {
  return useContext(ProofContext);
}

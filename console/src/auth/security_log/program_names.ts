import { coditect } from "../../app/client";
import { useLoad } from "../../app/loading";

/** The names of clients of OAuth and of access tokens, by their ids. */
export type ProgramNames = ReadonlyMap<string, string>;

/** As many as a page of the API has; what is beyond, or is gone, is shown by its id. */
const MOST = 1_000;

/** The names of the user's programs and tokens; undefined until they are known, or are known to be unknown. */
export function useProgramNames(): ProgramNames | undefined {
  const params = { query: { pageSize: MOST } };
  const found = useLoad(async (signal) => {
    const [grants, tokens] = await Promise.all([
      coditect.get("/api/v5/oauth/grants", { params, signal }),
      coditect.get("/api/v5/auth/tokens", { params, signal }),
    ]);
    return new Map<string, string>([
      ...grants.grants.map((one) => [one.clientId, one.clientName] as const),
      ...tokens.personalAccessTokens.map((one) => [one.tokenId, one.name] as const),
    ]);
  });
  return found.data ?? (found.error === undefined ? undefined : new Map());
}

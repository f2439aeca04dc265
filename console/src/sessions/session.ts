/** What the pages of sessions have in common. */

import { type components, isCode } from "@coditect/client";

import { coditect } from "../app/client";
import { sessions } from "../texts/sessions";
import { useTexts } from "../texts/catalogue";

export type Session = components["schemas"]["sessions.Session"];

const SESSION = "/api/v5/sessions/{sessionId}";
const ATTEMPTS = 5;

/** What to call a session: it may have no name. */
export function useSessionName(): (session: Session) => string {
  const texts = useTexts(sessions);
  return (session) => session.name.trim() || texts.unnamed;
}

export function getSession(sessionId: string, signal?: AbortSignal): Promise<Session> {
  return coditect.get(SESSION, { params: { path: { sessionId } }, ...(signal && { signal }) });
}

/** Marks a session as active; it ends later then. */
export function touchSession(sessionId: string): Promise<Session> {
  return coditect.patch(SESSION, { params: { path: { sessionId } }, body: {} });
}

export async function endSession(sessionId: string): Promise<void> {
  await coditect.delete(SESSION, { params: { path: { sessionId } } });
}

/** The renamed session; or the newer one, unchanged, if its name is no longer that of `base`. */
export type Renaming = { readonly renamed: Session } | { readonly newer: Session };

/**
 * Gives a session another name. An editor saves its state often, and each time the revision counts
 * on: that is no conflict with a name, so the call is made again with the newer revision.
 */
export async function renameSession(base: Session, name: string): Promise<Renaming> {
  const { sessionId } = base;
  let { revision } = base;
  for (let attempt = 1; ; attempt++) {
    try {
      const renamed = await coditect.patch(SESSION, { params: { path: { sessionId } }, body: { name, revision } });
      return { renamed };
    } catch (error) {
      if (!isCode(error, "REVISION_STALE") || attempt === ATTEMPTS) throw error;
      const newer = await getSession(sessionId);
      if (newer.name !== base.name) return { newer };
      revision = newer.revision;
    }
  }
}

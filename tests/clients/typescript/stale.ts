// Registers, opens a session, changes it from a stale revision, and explains the error.

import { createCoditect, isCode } from "@coditect/client";

export async function main(baseUrl: string, email: string): Promise<void> {
  const coditect = createCoditect({ baseUrl });
  const password = "correct horse battery staple";
  await coditect.register({ email, password, firstName: "Ada", lastName: "Lovelace" });
  const { sessionId, revision } = await coditect.post("/api/v5/sessions", { body: { name: "engine" } });
  const params = { path: { sessionId } };
  const rename = (name: string) =>
    coditect.patch("/api/v5/sessions/{sessionId}", { params, body: { name, revision } });
  await rename("difference engine");
  try {
    await rename("analytical engine");
  } catch (error) {
    if (!isCode(error, "REVISION_STALE")) throw error;
    console.log(`${error.message} Yours is ${revision}, now it is ${error.metadata["currentRevision"]}.`);
  }
}

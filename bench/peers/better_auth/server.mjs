// An application on better-auth and PostgreSQL: an authenticated read of one row of the user.
//
// It is set up as https://better-auth.com/docs says for Node.js: `auth.api.getSession` with the headers of
// the request, a pool of `pg`, and everything else by default. Several processes share the port.

import cluster from "node:cluster";
import { createServer } from "node:http";

import { betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import { fromNodeHeaders, toNodeHandler } from "better-auth/node";
import pg from "pg";

const { CONNECTIONS, DATABASE_URL, PORT, PROCESSES } = process.env;

const pool = new pg.Pool({ connectionString: DATABASE_URL, max: Number(CONNECTIONS) || undefined });
const auth = betterAuth({
  baseURL: `http://127.0.0.1:${PORT}`,
  database: pool,
  emailAndPassword: { enabled: true },
  secret: "a secret of a database that exists for a minute",
  telemetry: { enabled: false },
});

async function createTables() {
  const { runMigrations } = await getMigrations(auth.options);
  await runMigrations();
  await pool.query(`
    CREATE TABLE workspace_session (
      id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
      user_id text NOT NULL REFERENCES "user",
      name text NOT NULL,
      state jsonb NOT NULL,
      revision integer NOT NULL DEFAULT 1,
      create_time timestamptz NOT NULL DEFAULT now(),
      update_time timestamptz NOT NULL DEFAULT now()
    )`);
}

async function body(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return JSON.parse(Buffer.concat(parts).toString());
}

function answer(response, status, value) {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(value));
}

async function handle(request, response) {
  const login = await auth.api.getSession({ headers: fromNodeHeaders(request.headers) });
  if (!login) return answer(response, 401, { message: "Unauthorized" });
  if (request.url === "/me") return answer(response, 200, { message: `Hello ${login.user.email}!` });
  if (request.method === "POST") {
    const { name, state } = await body(request);
    const made = await pool.query(
      "INSERT INTO workspace_session (user_id, name, state) VALUES ($1, $2, $3) RETURNING *",
      [login.user.id, name, state],
    );
    return answer(response, 201, made.rows[0]);
  }
  const found = await pool.query("SELECT * FROM workspace_session WHERE id = $1 AND user_id = $2", [
    request.url.slice("/sessions/".length),
    login.user.id,
  ]);
  return found.rows.length
    ? answer(response, 200, found.rows[0])
    : answer(response, 404, { message: "Not Found" });
}

function serve() {
  const ofTheLibrary = toNodeHandler(auth);
  createServer((request, response) => {
    const handling = request.url.startsWith("/api/auth/")
      ? ofTheLibrary(request, response)
      : handle(request, response);
    handling.catch((error) => answer(response, 500, { message: String(error) }));
  }).listen(Number(PORT), "127.0.0.1");
}

if (cluster.isPrimary) {
  await createTables();
  await pool.end();
  for (let count = 0; count < Number(PROCESSES); count += 1) cluster.fork();
} else {
  serve();
}

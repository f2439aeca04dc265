// Writes src/contract.ts and src/operations.ts from docs/openapi.yaml.
//
// usage: node scripts/generate.mjs [DOCUMENT]

import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import openapiTS, { astToString } from "openapi-typescript";
import { parse } from "yaml";

const METHODS = ["get", "put", "post", "patch", "delete"];
const NOTE = "// Generated from docs/openapi.yaml by `npm run generate`.\n\n";

const path = process.argv[2] ?? fileURLToPath(new URL("../../../docs/openapi.yaml", import.meta.url));
const document = parse(await readFile(path, "utf8"));

/** What a `$ref` stands for; the schema itself if it is none. */
function resolved(schema) {
  if (schema?.$ref === undefined) return schema ?? {};
  return schema.$ref
    .slice(2)
    .split("/")
    .reduce((found, name) => found[name], document);
}

/** The operations, as "METHOD path" and what the document says. */
function operations() {
  return Object.entries(document.paths).flatMap(([address, item]) =>
    METHODS.filter((method) => method in item).map((method) => [
      `${method.toUpperCase()} ${address}`,
      item[method],
    ]),
  );
}

/** Whether it works without an access token, and gains nothing by one. */
function isPublic({ security }) {
  return security !== undefined && security.length === 0;
}

/** Whether it takes a header. */
function takes(header) {
  return ({ parameters = [] }) =>
    parameters.some((one) => one.in === "header" && one.name === header);
}

/** The schemas of the `data` of the answers. */
function answers({ responses }) {
  return Object.values(responses).map(
    (response) => resolved(response).content?.["application/json"]?.schema?.properties?.data,
  );
}

/** Whether an answer is a user or a tenant, as a login has them. */
function shows(...names) {
  const references = names.map((name) => `#/components/schemas/${name}`);
  return (operation) => answers(operation).some((data) => references.includes(data?.$ref));
}

/** Every code that an error can have. */
function codes() {
  const found = Object.values(document.components.responses).flatMap((response) => {
    const [, one] = response.content?.["application/json"]?.schema?.allOf ?? [];
    return one?.properties?.error?.properties?.code?.enum ?? [];
  });
  return [...new Set(found)].sort();
}

function named(name, says, test) {
  const found = operations().filter(([, operation]) => test(operation));
  const lines = found.map(([operation]) => `  ${JSON.stringify(operation)},\n`);
  return `/** ${says} */\nexport const ${name}: ReadonlySet<string> = new Set([\n${lines.join("")}]);\n\n`;
}

async function write(name, text) {
  await writeFile(new URL(`../src/${name}`, import.meta.url), NOTE + text);
}

await write("contract.ts", astToString(await openapiTS(pathToFileURL(path))));
await write(
  "operations.ts",
  named("PUBLIC", "What is called without an access token.", isPublic) +
    named("REPEATABLE", "Writes that take an `Idempotency-Key`.", takes("Idempotency-Key")) +
    named("EXCHANGES", "What changes or ends the tokens of a login.", takes("X-Coditect-Tokens")) +
    named("PROFILES", "What answers with a user or a tenant.", shows("auth.User", "tenants.Tenant")) +
    `/** The codes of all errors of the API. */\nexport type ErrorCode =\n${codes()
      .map((code) => `  | "${code}"`)
      .join("\n")};\n`,
);

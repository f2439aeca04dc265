// What a program cannot do itself: it names a page on stdout, and its user answers on stdin.

import { createInterface } from "node:readline/promises";

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

// Has the user log in and approve at a URL; returns where the browser was sent then.
export async function authorize(url) {
  console.log(JSON.stringify({ authorize: url.href }));
  return new URL((await lines.next()).value);
}

// Has the user type the code of a device at a URL, and approve.
export async function approveDevice({ verification_uri, user_code }) {
  console.log(JSON.stringify({ device: [verification_uri, user_code] }));
  await lines.next();
}

export function finish(result) {
  console.log(JSON.stringify({ result }));
  process.exit(0);
}

export const [issuer, clientId, redirectUri, clientSecret] = process.argv.slice(2);
export const SCOPE = "openid profile email offline_access sessions:read";

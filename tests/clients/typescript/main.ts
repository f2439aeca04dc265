import { main } from "./program.js";

declare const process: { argv: string[] };

const [, , url, email] = process.argv;
if (url === undefined || email === undefined) throw new Error("usage: main.js URL EMAIL");
await main(url, email);

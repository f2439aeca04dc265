// Compresses each file that is named with Brotli, to `<file>.br`, if that makes it clearly smaller.
import { readFileSync, writeFileSync } from "node:fs";
import { brotliCompressSync } from "node:zlib";

for (const file of process.argv.slice(2)) {
  const content = readFileSync(file);
  const compressed = brotliCompressSync(content);
  if (compressed.length < 0.9 * content.length) writeFileSync(`${file}.br`, compressed);
}

import { NetworkError } from "@coditect/client";

/** Some browsers read the file a moment later. */
const KEPT_MS = 60_000;

/** Has the browser save a file that the page has. */
export function save(content: Blob, name: string): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), KEPT_MS);
}

/**
 * Reads a download to its end. Raises `NetworkError` if it breaks off.
 *
 * @param progress Gets how many bytes have come so far.
 */
export async function received(response: Response, progress: (bytes: number) => void = () => undefined): Promise<Blob> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  const reader = (response.body as ReadableStream<Uint8Array<ArrayBuffer>>).getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      parts.push(next.value);
      bytes += next.value.length;
      progress(bytes);
    }
  } catch (cause) {
    throw new NetworkError("the download broke off", { cause });
  }
  return new Blob(parts, { type: "application/x-ndjson" });
}

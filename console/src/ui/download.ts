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

/** Has the browser save a file that the page has. */
export function save(content: Blob, name: string): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The browser has taken the content when the click returns.
  URL.revokeObjectURL(url);
}

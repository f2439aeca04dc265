/** The code with which a device sent the browser here, for as long as the page is open. */

let kept = "";

/**
 * Takes the code out of the address and the history, where others could read it. It outlives a login on
 * the way to other addresses of the console.
 */
export function takeUserCode(): string {
  const { origin, pathname, search } = window.location;
  const found = new URLSearchParams(search).get("user_code");
  if (found !== null) {
    kept = found;
    window.history.replaceState(window.history.state, "", origin + pathname);
  }
  return kept;
}

/** For when the device is answered. */
export function forgetUserCode(): void {
  kept = "";
}

/** Answers and messages of other tabs that come when a test says so. */

/** An answer whose body comes later than its headers. */
export function lateBody(whole: Response): { response: Response; asked: Promise<void>; send: () => void } {
  let send = () => {};
  let ask = () => {};
  const held = new Promise<void>((resolve) => (send = resolve));
  const asked = new Promise<void>((resolve) => (ask = resolve));
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      ask();
      await held;
      controller.enqueue(new Uint8Array(await whole.arrayBuffer()));
      controller.close();
    },
  }, { highWaterMark: 0 });
  const { status, headers } = whole;
  return { response: new Response(body, { status, headers }), asked, send };
}

/** Channels between tabs whose messages wait until they are delivered, in the order in which they were sent. */
export class HeldChannels {
  readonly #tabs: { onmessage: ((event: { data: unknown }) => void) | null }[] = [];
  readonly #waiting: (() => void)[] = [];

  /** Does something with these channels in the place of `BroadcastChannel`. */
  during<T>(action: () => T): T {
    const usual = globalThis.BroadcastChannel;
    globalThis.BroadcastChannel = this.#class() as unknown as typeof BroadcastChannel;
    try {
      return action();
    } finally {
      globalThis.BroadcastChannel = usual;
    }
  }

  deliver(): void {
    for (const message of this.#waiting.splice(0)) message();
  }

  #class() {
    const [tabs, waiting] = [this.#tabs, this.#waiting];
    return class {
      onmessage: ((event: { data: unknown }) => void) | null = null;

      constructor() {
        tabs.push(this);
      }

      postMessage(data: unknown): void {
        for (const tab of tabs) {
          if (tab !== this) waiting.push(() => tab.onmessage?.({ data: structuredClone(data) }));
        }
      }
    };
  }
}

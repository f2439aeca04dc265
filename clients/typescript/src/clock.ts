/** Time, so that tests need not wait. */
export interface Clock {
  /** Now, in milliseconds since 1970. */
  now(): number;
  /** Waits so many milliseconds. Rejects with the reason of the signal if that aborts before. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (milliseconds, signal) =>
    new Promise((resolve, reject) => {
      const aborted = () => {
        clearTimeout(timer);
        reject(signal?.reason as Error);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener("abort", aborted);
        resolve();
      }, milliseconds);
      if (signal?.aborted) aborted();
      else signal?.addEventListener("abort", aborted, { once: true });
    }),
};

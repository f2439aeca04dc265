import { useSyncExternalStore } from "react";

import { useLanguage } from "../texts/catalogue";
import { relativeTime } from "../texts/relative_time";

const TICK_SECONDS = 10;

const listeners = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const one of listeners) one();
  }, TICK_SECONDS * 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** Seconds from now to a time: negative if it has passed. */
function fromNow(time: number): number {
  return (time - Math.max(now, Date.now() - TICK_SECONDS * 1000)) / 1000;
}

/** A time, relative to now, as long as the page is open. The exact time is its title. */
export function Time({ value }: { value: string }) {
  const language = useLanguage();
  useSyncExternalStore(subscribe, () => now);
  const time = new Date(value);
  const exact = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "medium" }).format(time);
  return (
    <time dateTime={value} title={exact}>
      {relativeTime(fromNow(time.getTime()), language)}
    </time>
  );
}

/** A day and time, for what is read later or elsewhere. */
export function ExactTime({ value }: { value: string }) {
  const language = useLanguage();
  const text = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(new Date(value));
  return <time dateTime={value}>{text}</time>;
}

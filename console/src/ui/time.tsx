import { useSyncExternalStore } from "react";

import { type Language, useLanguage } from "../texts/catalogue";

const TICK_SECONDS = 10;
const UNITS = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
] as const;

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

function relative(time: number, language: Language): string {
  const seconds = (time - Math.max(now, Date.now() - TICK_SECONDS * 1000)) / 1000;
  const format = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  for (const [unit, length] of UNITS) {
    if (Math.abs(seconds) >= length) return format.format(Math.trunc(seconds / length), unit);
  }
  return format.format(0, "second");
}

/** A time, relative to now, as long as the page is open. The exact time is its title. */
export function Time({ value }: { value: string }) {
  const language = useLanguage();
  useSyncExternalStore(subscribe, () => now);
  const time = new Date(value);
  const exact = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "medium" }).format(time);
  return (
    <time dateTime={value} title={exact}>
      {relative(time.getTime(), language)}
    </time>
  );
}

/** A day and time, for what is read later or elsewhere. */
export function ExactTime({ value }: { value: string }) {
  const language = useLanguage();
  const text = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(new Date(value));
  return <time dateTime={value}>{text}</time>;
}

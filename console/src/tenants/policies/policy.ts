/** What a policy says, and what a change of it ends. */

import type { components } from "@coditect/client";

import { policies } from "../../texts/policies";
import { useTexts } from "../../texts/catalogue";

export type Policy = components["schemas"]["tenants.Policy"];
export type PolicyUpdate = components["schemas"]["tenants.UpdatePolicyRequest"];

const MINUTE = 60;
const HOUR = 3_600;
const DAY = 86_400;
/** The limits that the page offers, in seconds; 0 is none. */
const OFFERED = [0, 15 * MINUTE, HOUR, 8 * HOUR, 12 * HOUR, DAY, 7 * DAY, 14 * DAY, 30 * DAY];

/** The fields in which a policy differs from an earlier one. */
export function changesOf(old: Policy, next: Policy): PolicyUpdate {
  const names = Object.keys(next) as (keyof Policy)[];
  return Object.fromEntries(
    names.filter((name) => JSON.stringify(next[name]) !== JSON.stringify(old[name])).map((name) => [name, next[name]]),
  );
}

type Consequence = "endsSecondFactor" | "endsPrograms" | "endsIdle" | "endsLife" | "endsDays" | "endsTokens";

/** What stops working for members when a policy takes the place of another one. */
export function consequencesOf(old: Policy, next: Policy): Consequence[] {
  const shorter = (name: "loginIdleSeconds" | "loginLifeSeconds" | "maxTokenDays") =>
    next[name] !== 0 && (old[name] === 0 || next[name] < old[name]);
  const found: [boolean, Consequence][] = [
    [next.secondFactorRequired && !old.secondFactorRequired, "endsSecondFactor"],
    [!next.programsAllowed && old.programsAllowed, "endsPrograms"],
    [shorter("loginIdleSeconds"), "endsIdle"],
    [shorter("loginLifeSeconds"), "endsLife"],
    [shorter("maxTokenDays"), "endsDays"],
  ];
  const ends = found.filter(([does]) => does).map(([, text]) => text);
  const tokens = ends.length > 0 || next.secondFactorRequired !== old.secondFactorRequired;
  return tokens ? [...ends, "endsTokens"] : ends;
}

/** Returns what says how long so many seconds are. */
export function useDuration(): (seconds: number) => string {
  const texts = useTexts(policies);
  return (seconds) => {
    if (seconds === 0) return texts.noLimit;
    if (seconds % DAY === 0) return texts.days(seconds / DAY);
    if (seconds % HOUR === 0) return texts.hours(seconds / HOUR);
    return seconds % MINUTE === 0 ? texts.minutes(seconds / MINUTE) : texts.seconds(seconds);
  };
}

/** The limits to choose from: also the present one, which a program may have set. */
export function limitsWith(present: number): number[] {
  return [...new Set([...OFFERED, present])].sort((one, other) => one - other);
}

import { devices } from "../../texts/devices";
import { useTexts } from "../../texts/catalogue";

/** Browsers by what only they put into their header; many also name those that come after them here. */
const BROWSERS = [
  ["Edge", /\bEdg(e|A|iOS)?\//],
  ["Opera", /\bOPR\//],
  ["Samsung Internet", /\bSamsungBrowser\//],
  ["Firefox", /\b(Firefox|FxiOS)\//],
  ["Chrome", /\b(Chrome|CriOS|HeadlessChrome)\//],
  ["Safari", /\bSafari\//],
] as const;
const SYSTEMS = [
  ["Windows", /\bWindows\b/],
  ["iPhone", /\biPhone\b/],
  ["iPad", /\biPad\b/],
  ["Android", /\bAndroid\b/],
  ["ChromeOS", /\bCrOS\b/],
  ["macOS", /\bMac OS X\b/],
  ["Linux", /\bLinux\b/],
] as const;
const LONGEST = 60;

/** Returns what makes a name that people know of a User-Agent header, such as “Firefox on Windows”. */
export function useDeviceName(): (userAgent: string) => string {
  const texts = useTexts(devices);
  return (userAgent) => {
    const browser = first(BROWSERS, userAgent);
    const system = first(SYSTEMS, userAgent);
    if (browser && system) return texts.on(browser, system);
    // Programs name themselves.
    const program = userAgent.slice(0, LONGEST).trim();
    return browser ?? (program || texts.unknown);
  };
}

function first(known: readonly (readonly [name: string, sign: RegExp])[], userAgent: string): string | undefined {
  return known.find(([, sign]) => sign.test(userAgent))?.[0];
}

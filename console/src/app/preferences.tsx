import { type ReactNode, createContext, useContext, useEffect, useMemo, useState } from "react";

import { LANGUAGES, type Language, LanguageContext } from "../texts/catalogue";

export type Theme = "system" | "light" | "dark";

interface Preferences {
  readonly language: Language;
  readonly theme: Theme;
  readonly setLanguage: (language: Language) => void;
  readonly setTheme: (theme: Theme) => void;
}

const PreferencesContext = createContext<Preferences | undefined>(undefined);
// The only things that the console keeps in storage.
const LANGUAGE = "coditect.language";
const THEME = "coditect.theme";

/** The language and the appearance that the user chose, or else those of the browser. */
export function PreferencesProvider({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState<Language>(firstLanguage);
  const [theme, setTheme] = useState<Theme>(() => (read(THEME) ?? "system") as Theme);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  useEffect(() => {
    document.documentElement.dataset.theme = theme;
  }, [theme]);
  const value = useMemo(
    () => ({
      language,
      theme,
      setLanguage: (next: Language) => (write(LANGUAGE, next), setLanguage(next)),
      setTheme: (next: Theme) => (write(THEME, next), setTheme(next)),
    }),
    [language, theme],
  );
  return (
    <PreferencesContext value={value}>
      <LanguageContext value={language}>{children}</LanguageContext>
    </PreferencesContext>
  );
}

export function usePreferences(): Preferences {
  const found = useContext(PreferencesContext);
  if (!found) throw new Error("outside of PreferencesProvider");
  return found;
}

function firstLanguage(): Language {
  // A program that sends the browser to `/authorize` knows the language of its user.
  const suggested = new URLSearchParams(window.location.search).get("ui_locales")?.split(" ") ?? [];
  const wanted = [read(LANGUAGE), ...suggested, ...navigator.languages];
  for (const one of wanted) {
    const language = one?.slice(0, 2).toLowerCase();
    if (language && language in LANGUAGES) return language as Language;
  }
  return "en";
}

// A browser may forbid storage.
function read(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

function write(name: string, value: string): void {
  try {
    localStorage.setItem(name, value);
  } catch {
    // The choice holds until the page is closed.
  }
}

/** Texts in every language of the console: one file per capability, each with all its languages. */

import { createContext, useContext } from "react";

export const LANGUAGES = { en: "English", de: "Deutsch" } as const;

export type Language = keyof typeof LANGUAGES;

/** A sentence, or a function that makes one. */
type Text = string | ((...given: never[]) => string);

interface Texts {
  readonly [name: string]: Text | Texts;
}

export type Catalogue<T> = Readonly<Record<Language, T>>;

/** Declares texts. Every language has the same ones: one that is missing does not compile. */
export function catalogue<T extends Texts>(texts: { en: T } & Record<Language, NoInfer<T>>): Catalogue<T> {
  return texts;
}

export const LanguageContext = createContext<Language>("en");

/** The language of the page. */
export function useLanguage(): Language {
  return useContext(LanguageContext);
}

/** The texts of a catalogue in the language of the page. */
export function useTexts<T>(texts: Catalogue<T>): T {
  return texts[useLanguage()];
}

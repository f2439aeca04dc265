import { catalogue } from "./catalogue";

/** What is proved by an email: its link, or its code. */
export const proofs = catalogue({
  en: {
    email: "Email address",
    code: "Code",
    codeHint: "The code in our email, such as 04HM-ASW9.",
    newPassword: "New password",
    newPasswordHint: "A few words that only you would put together are easy to remember and hard to guess.",
    useCode: "Type the code instead",
    toLogin: "Log in",
    onwards: "Continue",
    noLink: "This page needs the link from our email. Please open it again.",
  },
  de: {
    email: "E-Mail-Adresse",
    code: "Code",
    codeHint: "Der Code in unserer E-Mail, etwa 04HM-ASW9.",
    newPassword: "Neues Passwort",
    newPasswordHint: "Ein paar Wörter, die nur Sie so zusammenstellen, sind leicht zu merken und schwer zu raten.",
    useCode: "Stattdessen den Code eingeben",
    toLogin: "Anmelden",
    onwards: "Weiter",
    noLink: "Diese Seite braucht den Link aus unserer E-Mail. Bitte öffnen Sie ihn noch einmal.",
  },
});

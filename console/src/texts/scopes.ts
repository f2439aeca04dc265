import { catalogue } from "./catalogue";

/** What a scope of the contract lets a program do, by its name in tokens. */
export const scopes = catalogue({
  en: {
    "account:read": "See your account: your names, your email address, and what has happened to the account",
    "account:write": "Change your names, and revoke your tokens and programs",
    "tenants:read": "See your teams, their members, and their records, as far as your role lets you",
    "tenants:write": "Create and change teams, and invite and remove members, as far as your role lets you",
    "sessions:read": "See your workspace sessions",
    "sessions:write": "Open, change and end workspace sessions",
    openid: "Recognize you when you log in again",
    profile: "See your names",
    email: "See your email address",
    offline_access: "Do this also while you are away, until you take it back",
  },
  de: {
    "account:read": "Ihr Konto sehen: Ihre Namen, Ihre E-Mail-Adresse und was mit dem Konto geschehen ist",
    "account:write": "Ihre Namen ändern und Ihre Token und Programme widerrufen",
    "tenants:read": "Ihre Teams, deren Mitglieder und Aufzeichnungen sehen, soweit Ihre Rolle es erlaubt",
    "tenants:write": "Teams anlegen und ändern, Mitglieder einladen und entfernen, soweit Ihre Rolle es erlaubt",
    "sessions:read": "Ihre Arbeitssitzungen sehen",
    "sessions:write": "Arbeitssitzungen öffnen, ändern und beenden",
    openid: "Sie bei der nächsten Anmeldung wiedererkennen",
    profile: "Ihre Namen sehen",
    email: "Ihre E-Mail-Adresse sehen",
    offline_access: "Das auch tun, während Sie nicht da sind, bis Sie es zurücknehmen",
  },
});

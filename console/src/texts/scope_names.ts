import { catalogue } from "./catalogue";

/** What the scopes of programs are, for those who give them; by their names in tokens. */
export const scopeNames = catalogue({
  en: {
    "account:read": "Read the account of its user: names, email address, activity",
    "account:write": "Change the names of its user, and revoke tokens and programs",
    "tenants:read": "Read the team, its members and its records, as far as the role allows",
    "tenants:write": "Create and change teams, invite and remove members, as far as the role allows",
    "sessions:read": "Read workspace sessions",
    "sessions:write": "Open, change and end workspace sessions",
    openid: "Recognize its user at the next login",
    profile: "Read the names of its user",
    email: "Read the email address of its user",
    offline_access: "Go on while its user is away, until that is taken back",
  },
  de: {
    "account:read": "Das Konto des Benutzers lesen: Namen, E-Mail-Adresse, Aktivität",
    "account:write": "Die Namen des Benutzers ändern sowie Token und Programme widerrufen",
    "tenants:read": "Das Team, seine Mitglieder und Aufzeichnungen lesen, soweit die Rolle es erlaubt",
    "tenants:write": "Teams anlegen und ändern, Mitglieder einladen und entfernen, soweit die Rolle es erlaubt",
    "sessions:read": "Arbeitssitzungen lesen",
    "sessions:write": "Arbeitssitzungen öffnen, ändern und beenden",
    openid: "Den Benutzer bei der nächsten Anmeldung wiedererkennen",
    profile: "Die Namen des Benutzers lesen",
    email: "Die E-Mail-Adresse des Benutzers lesen",
    offline_access: "Weiterarbeiten, während der Benutzer nicht da ist, bis er es zurücknimmt",
  },
});

import { catalogue } from "./catalogue";

export const shell = catalogue({
  en: {
    main: "Main",
    sessions: "Sessions",
    teams: "Teams",
    account: "Account",
    profile: "Profile",
    security: "Security",
    devices: "Devices",
    activity: "Activity",
    tokens: "Access tokens",
    programs: "Programs",
    tenant: "Acting in",
    self: "Personal",
    loggedInAs: (email: string) => `Logged in as ${email}`,
  },
  de: {
    main: "Hauptmenü",
    sessions: "Sitzungen",
    teams: "Teams",
    account: "Konto",
    profile: "Profil",
    security: "Sicherheit",
    devices: "Geräte",
    activity: "Aktivität",
    tokens: "Zugriffstoken",
    programs: "Programme",
    tenant: "Handeln in",
    self: "Persönlich",
    loggedInAs: (email: string) => `Angemeldet als ${email}`,
  },
});

import { catalogue } from "./catalogue";

export const roles = catalogue({
  en: {
    role: "Role",
    names: { owner: "Owner", admin: "Admin", member: "Member" },
    may: {
      owner: "Can do everything, including changing the policy and deleting the team.",
      admin: "Can invite and remove members, manage service accounts, and read the audit log.",
      member: "Can work in the team and see its members.",
    },
    missing: (needed: string, have: string) =>
      `This page is for those with the role ${needed} or above. Your role in this team is ${have}.`,
  },
  de: {
    role: "Rolle",
    names: { owner: "Inhaber", admin: "Administrator", member: "Mitglied" },
    may: {
      owner: "Darf alles, auch die Richtlinie ändern und das Team löschen.",
      admin: "Darf Mitglieder einladen und entfernen, Dienstkonten verwalten und das Protokoll lesen.",
      member: "Darf im Team arbeiten und seine Mitglieder sehen.",
    },
    missing: (needed: string, have: string) =>
      `Diese Seite ist nur mit der Rolle ${needed} oder einer höheren zugänglich. Ihre Rolle in diesem Team ist ${have}.`,
  },
});

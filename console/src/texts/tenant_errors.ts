import { catalogue } from "./catalogue";

/** The errors of tenants, by their codes, and the faults of their fields. What has no entry is said by the service. */
export const tenantErrors = catalogue({
  en: {
    codes: {
      ROLE_MISSING: "Your role in this team does not allow this.",
      TENANT_NOT_FOUND: "There is no such team, or you are not a member of it any more.",
      TENANT_NOT_ACTIVE: "You are acting in another team now. Switch back to this one and try again.",
      TENANT_SUSPENDED: "The team is suspended, so this is not possible. An owner can resume it.",
      TENANT_LIMIT_REACHED: "You are in as many teams as possible. Please leave one first.",
      MEMBER_NOT_FOUND: "This user is not a member any more.",
      LAST_OWNER: "A team needs an owner, and there is no other one. Make another member an owner first, or delete the team.",
      EMAIL_DOMAIN_NOT_ALLOWED: "The policy of the team does not allow email addresses at this domain.",
      INVITATION_NOT_FOUND: "The invitation is not pending any more: it was accepted, revoked or has expired.",
      INVITATION_EXISTS: "An invitation to this address is pending already. You can send that one again.",
      MAIL_LIMIT_REACHED: "Too many invitations were sent today. Please try again tomorrow.",
    } as Record<string, string>,
    reasons: {
      NOT_A_SLUG: "Please use 3 to 40 of a to z, 0 to 9, with single hyphens between them.",
      RESERVED: "This short name is reserved.",
      NOT_A_DOMAIN: "Please enter domains such as example.com, one per line.",
    } as Record<string, string>,
  },
  de: {
    codes: {
      ROLE_MISSING: "Ihre Rolle in diesem Team erlaubt das nicht.",
      TENANT_NOT_FOUND: "Dieses Team gibt es nicht, oder Sie sind kein Mitglied mehr.",
      TENANT_NOT_ACTIVE: "Sie handeln jetzt in einem anderen Team. Wechseln Sie zurück und versuchen Sie es noch einmal.",
      TENANT_SUSPENDED: "Das Team ist gesperrt, deshalb geht das nicht. Ein Inhaber kann es freigeben.",
      TENANT_LIMIT_REACHED: "Sie sind in so vielen Teams wie möglich. Bitte verlassen Sie zuerst eines.",
      SELF_TENANT_IMMUTABLE: "Ihr persönlicher Bereich lässt sich nicht ändern, teilen oder löschen.",
      SLUG_TAKEN: "Ein anderes Team hat diesen Kurznamen schon.",
      PROFILE_UNAVAILABLE: "Das Profil lässt sich zurzeit nicht lesen.",
      MEMBER_NOT_FOUND: "Diese Person ist kein Mitglied mehr.",
      MEMBER_EXISTS: "Diese Person ist schon Mitglied.",
      MEMBER_LIMIT_REACHED: "Das Team hat so viele Mitglieder wie möglich.",
      LAST_OWNER: "Ein Team braucht einen Inhaber, und es gibt keinen anderen. Machen Sie zuerst ein anderes Mitglied zum Inhaber, oder löschen Sie das Team.",
      EMAIL_DOMAIN_NOT_ALLOWED: "Die Richtlinie des Teams erlaubt keine E-Mail-Adressen bei dieser Domain.",
      INVITATION_NOT_FOUND: "Die Einladung ist nicht mehr offen: Sie wurde angenommen, zurückgezogen oder ist abgelaufen.",
      INVITATION_EXISTS: "An diese Adresse ist schon eine Einladung offen. Sie können sie erneut senden.",
      INVITATION_LIMIT_REACHED: "Es sind zu viele Einladungen offen. Bitte ziehen Sie zuerst eine zurück.",
      MAIL_LIMIT_REACHED: "Heute wurden zu viele Einladungen gesendet. Bitte versuchen Sie es morgen wieder.",
      DOWNLOAD_LIMIT_REACHED: "Es laufen zu viele Downloads. Bitte warten Sie, bis einer fertig ist.",
    } as Record<string, string>,
    reasons: {
      NOT_A_SLUG: "Bitte 3 bis 40 Zeichen: a bis z, 0 bis 9, dazwischen einzelne Bindestriche.",
      RESERVED: "Dieser Kurzname ist reserviert.",
      NOT_A_DOMAIN: "Bitte geben Sie Domains wie example.com ein, eine pro Zeile.",
      OUT_OF_RANGE: "Dieser Wert liegt außerhalb des Erlaubten.",
      TOO_MANY: "Das sind zu viele.",
    } as Record<string, string>,
  },
});

import { catalogue } from "./catalogue";

/** The way back for users who have lost all second factors, and the undoing of a first one. */
export const factorRecovery = catalogue({
  en: {
    lostTitle: "All second factors lost?",
    lostWhy:
      "If you have neither your app nor a passkey nor a recovery code, we can remove all second factors. That takes two emails and a waiting time between them, so that you would notice if somebody else tried it.",
    send: "Send me the email",
    sent: (email: string) =>
      `If ${email} is confirmed as the address of the account, we have sent an email to it. Open its link, or type its code here.`,
    back: "Back to the login",
    recoverTitle: "Recover the access to your account",
    recoverWhy:
      "If you confirm, a waiting time begins, after which all second factors can be removed. If it is over already, they are removed now.",
    confirm: "Confirm",
    begun: "The waiting time has begun.",
    begunFrom: "All second factors can be removed from this time on:",
    begunHow:
      "Log in again then, and choose “I have lost all of them” once more: with another email you remove them. If you log in with a second factor before, everything stays as it is.",
    removed: "All second factors are removed.",
    removedHow: "All logins have ended. Log in with your password, and set up a new second factor then.",
    pending: "Somebody who knows your password has asked to remove all your second factors. That is possible from this time on:",
    pendingOver: "The waiting time of the recovery is over since:",
    pendingHow: "If you log in with a second factor, it is cancelled.",
    overHow: "If you have lost all of them, another email removes them. If you log in with one, the recovery is cancelled.",
    undoTitle: "Take back the second factor",
    undoWhy:
      "If you did not add a second factor, somebody else knows your password. Take it back: all second factors are removed and all logins end, and you set a new password with an email that we send you.",
    undo: "Remove the second factor",
    undone: "All second factors are removed, and all logins have ended. We have sent you an email with which you set a new password.",
  },
  de: {
    lostTitle: "Alle zweiten Faktoren verloren?",
    lostWhy:
      "Wenn Sie weder Ihre App noch einen Passkey noch einen Wiederherstellungscode haben, können wir alle zweiten Faktoren entfernen. Dafür braucht es zwei E-Mails und dazwischen eine Wartezeit, damit Sie es bemerken würden, wenn jemand anderes das versucht.",
    send: "E-Mail senden",
    sent: (email: string) =>
      `Wenn ${email} als Adresse des Kontos bestätigt ist, haben wir eine E-Mail dorthin geschickt. Öffnen Sie ihren Link, oder geben Sie ihren Code hier ein.`,
    back: "Zurück zur Anmeldung",
    recoverTitle: "Zugang zu Ihrem Konto wiederherstellen",
    recoverWhy:
      "Wenn Sie bestätigen, beginnt eine Wartezeit, nach der alle zweiten Faktoren entfernt werden können. Ist sie schon vorbei, werden sie jetzt entfernt.",
    confirm: "Bestätigen",
    begun: "Die Wartezeit hat begonnen.",
    begunFrom: "Ab diesem Zeitpunkt können alle zweiten Faktoren entfernt werden:",
    begunHow:
      "Melden Sie sich dann wieder an, und wählen Sie noch einmal „Ich habe alle verloren“: Mit einer weiteren E-Mail entfernen Sie sie. Wenn Sie sich vorher mit einem zweiten Faktor anmelden, bleibt alles, wie es ist.",
    removed: "Alle zweiten Faktoren sind entfernt.",
    removedHow: "Alle Anmeldungen sind beendet. Melden Sie sich mit Ihrem Passwort an, und richten Sie dann einen neuen zweiten Faktor ein.",
    pending: "Jemand, der Ihr Passwort kennt, möchte alle Ihre zweiten Faktoren entfernen. Das ist ab diesem Zeitpunkt möglich:",
    pendingOver: "Die Wartezeit der Wiederherstellung ist vorbei seit:",
    pendingHow: "Wenn Sie sich mit einem zweiten Faktor anmelden, wird das abgebrochen.",
    overHow: "Wenn Sie alle verloren haben, entfernt eine weitere E-Mail sie. Wenn Sie sich mit einem anmelden, wird die Wiederherstellung abgebrochen.",
    undoTitle: "Zweiten Faktor zurücknehmen",
    undoWhy:
      "Wenn Sie keinen zweiten Faktor hinzugefügt haben, kennt jemand anderes Ihr Passwort. Nehmen Sie ihn zurück: Dann werden alle zweiten Faktoren entfernt, alle Anmeldungen enden, und Sie legen mit einer E-Mail von uns ein neues Passwort fest.",
    undo: "Zweiten Faktor entfernen",
    undone: "Alle zweiten Faktoren sind entfernt, und alle Anmeldungen sind beendet. Wir haben Ihnen eine E-Mail geschickt, mit der Sie ein neues Passwort festlegen.",
  },
});

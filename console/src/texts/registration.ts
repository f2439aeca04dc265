import { catalogue } from "./catalogue";

export const registration = catalogue({
  en: {
    title: "Create an account",
    firstName: "First name",
    lastName: "Last name",
    email: "Email address",
    password: "Password",
    create: "Create the account",
    haveAccount: "Do you have an account already?",
    welcome: "Your account is ready. We have sent you an email to confirm your address.",
    takenWhy:
      "If the account is yours, log in, or set a new password. If you have never made one, look into your mailbox: an email from us lets you complete this registration.",
    mailTitle: "Look into your mailbox",
    mailSent: (email: string) => `We have sent an email to ${email}. Your account is ready when you confirm the address.`,
    mailHow: "Open the link in the email, or type its code here.",
    confirm: "Confirm and log in",
    again: "Send the email again",
    sentAgain: "We have sent another email.",
    otherAddress: "Use another address",
    invited: "You have an invitation. You can accept it as soon as you are logged in.",
  },
  de: {
    title: "Konto anlegen",
    firstName: "Vorname",
    lastName: "Nachname",
    email: "E-Mail-Adresse",
    password: "Passwort",
    create: "Konto anlegen",
    haveAccount: "Haben Sie schon ein Konto?",
    welcome: "Ihr Konto ist angelegt. Wir haben Ihnen eine E-Mail geschickt, mit der Sie Ihre Adresse bestätigen.",
    takenWhy:
      "Wenn es Ihr Konto ist, melden Sie sich an oder legen Sie ein neues Passwort fest. Wenn Sie nie eines angelegt haben, sehen Sie in Ihr Postfach: Mit einer E-Mail von uns können Sie diese Registrierung abschließen.",
    mailTitle: "Sehen Sie in Ihr Postfach",
    mailSent: (email: string) =>
      `Wir haben eine E-Mail an ${email} geschickt. Ihr Konto ist bereit, sobald Sie die Adresse bestätigen.`,
    mailHow: "Öffnen Sie den Link in der E-Mail, oder geben Sie ihren Code hier ein.",
    confirm: "Bestätigen und anmelden",
    again: "E-Mail noch einmal senden",
    sentAgain: "Wir haben noch eine E-Mail geschickt.",
    otherAddress: "Andere Adresse verwenden",
    invited: "Sie haben eine Einladung. Sie können sie annehmen, sobald Sie angemeldet sind.",
  },
});

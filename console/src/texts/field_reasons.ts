/** What is wrong with a field, by the reason that a service gives. docs/errors.md has all of them. */

import { catalogue } from "./catalogue";

/** A sentence, or what makes one of the number in the service's own description, such as a least length. */
type Said = string | ((limit: string | undefined) => string);

type Reasons = Readonly<Record<string, Said>>;

const en = {
  BREACHED: "This password was found in a data breach. Please choose another one.",
  COMMON: "This is one of the passwords that are tried first. Please choose another one.",
  CONTEXT_WORDS: "This password is made of your names, your address, your company or words of this product.",
  KEYS_INVALID: "These keys cannot be used.",
  MALFORMED: "This cannot be read. Please check it.",
  NOT_ALLOWED: "This address is not allowed: it must begin with https, or be on this machine.",
  NOT_ALONE: "This needs something else with it. Please check the choices that belong together.",
  NOT_AN_EMAIL: "This is not an email address.",
  NOT_A_DOMAIN: "These must be domains of email addresses, such as example.com.",
  NOT_A_SLUG: "Please use 3 to 40 characters: a to z, 0 to 9, and hyphens between them.",
  NOT_A_UUID: "This is not an id.",
  NOT_FOUND: "There is none with this id.",
  NOT_POSITIVE: "This must be 1 or more.",
  NOT_PUBLIC: "A program without a secret cannot have this.",
  NOT_TOGETHER: "Only one of these can be given.",
  NOT_WITH_TOKEN: "This is not needed beside a link.",
  NUMBER_NOT_EXACT: "This number is too large or too precise.",
  ONE_METHOD: "Only one proof can be given.",
  OUT_OF_RANGE: "This number is too small or too large.",
  PAGE_SIZE_NEGATIVE: "This must not be negative.",
  REPEATED_PARAMETER: "This was given twice.",
  REQUIRED: "Please fill this in.",
  RESERVED: "This name is reserved. Please choose another one.",
  STATE_NOT_JSON: "This state has a number that cannot be stored.",
  STATE_TOO_DEEP: "This state is nested too deeply.",
  STATE_TOO_LARGE: "This state is too large.",
  TOO_LONG: (limit) => (limit ? `At most ${limit} characters, please.` : "This is too long."),
  TOO_MANY: (limit) => (limit ? `At most ${limit}, please.` : "These are too many."),
  TOO_SHORT: (limit) => (limit ? `At least ${limit} characters, please.` : "This is too short."),
  TOO_SMALL: "This number is too small.",
  UNKNOWN: "This is not one of the choices.",
  UNKNOWN_FIELD: "The server does not know this field.",
  UNKNOWN_PARAMETER: "The server does not know this parameter.",
  UNPRINTABLE: "This has characters that cannot be shown.",
} satisfies Reasons;

const de: Record<keyof typeof en, Said> = {
  BREACHED: "Dieses Passwort stammt aus einem Datenleck. Bitte wählen Sie ein anderes.",
  COMMON: "Dies ist eines der Passwörter, die zuerst geraten werden. Bitte wählen Sie ein anderes.",
  CONTEXT_WORDS: "Dieses Passwort besteht aus Ihrem Namen, Ihrer Adresse, Ihrer Firma oder Wörtern dieses Produkts.",
  KEYS_INVALID: "Diese Schlüssel sind nicht verwendbar.",
  MALFORMED: "Das ist nicht lesbar. Bitte prüfen Sie es.",
  NOT_ALLOWED: "Diese Adresse ist nicht erlaubt: Sie muss mit https beginnen oder auf diesem Rechner sein.",
  NOT_ALONE: "Dazu gehört noch etwas. Bitte prüfen Sie die Angaben, die zusammengehören.",
  NOT_AN_EMAIL: "Das ist keine E-Mail-Adresse.",
  NOT_A_DOMAIN: "Das müssen Domains von E-Mail-Adressen sein, etwa example.com.",
  NOT_A_SLUG: "Bitte 3 bis 40 Zeichen: a bis z, 0 bis 9 und Bindestriche dazwischen.",
  NOT_A_UUID: "Das ist keine Kennung.",
  NOT_FOUND: "Mit dieser Kennung gibt es nichts.",
  NOT_POSITIVE: "Das muss mindestens 1 sein.",
  NOT_PUBLIC: "Das ist für ein Programm ohne Geheimnis nicht möglich.",
  NOT_TOGETHER: "Nur eine dieser Angaben ist möglich.",
  NOT_WITH_TOKEN: "Das wird neben einem Link nicht gebraucht.",
  NUMBER_NOT_EXACT: "Diese Zahl ist zu groß oder zu genau.",
  ONE_METHOD: "Nur ein Nachweis ist möglich.",
  OUT_OF_RANGE: "Diese Zahl ist zu klein oder zu groß.",
  PAGE_SIZE_NEGATIVE: "Das darf nicht negativ sein.",
  REPEATED_PARAMETER: "Das wurde zweimal angegeben.",
  REQUIRED: "Bitte ausfüllen.",
  RESERVED: "Dieser Name ist reserviert. Bitte wählen Sie einen anderen.",
  STATE_NOT_JSON: "Dieser Zustand enthält eine Zahl, die nicht gespeichert werden kann.",
  STATE_TOO_DEEP: "Dieser Zustand ist zu tief verschachtelt.",
  STATE_TOO_LARGE: "Dieser Zustand ist zu groß.",
  TOO_LONG: (limit) => (limit ? `Bitte höchstens ${limit} Zeichen.` : "Das ist zu lang."),
  TOO_MANY: (limit) => (limit ? `Bitte höchstens ${limit}.` : "Das sind zu viele."),
  TOO_SHORT: (limit) => (limit ? `Bitte mindestens ${limit} Zeichen.` : "Das ist zu kurz."),
  TOO_SMALL: "Diese Zahl ist zu klein.",
  UNKNOWN: "Das gehört nicht zur Auswahl.",
  UNKNOWN_FIELD: "Der Server kennt dieses Feld nicht.",
  UNKNOWN_PARAMETER: "Der Server kennt diesen Parameter nicht.",
  UNPRINTABLE: "Das enthält Zeichen, die nicht dargestellt werden können.",
};

export const fieldReasons = catalogue<Reasons>({ en, de });

import { catalogue } from "./catalogue";

export const sessions = catalogue({
  en: {
    title: "Sessions",
    open: "Open a session",
    name: "Name",
    path: "Path of the workspace",
    opened: "The session is open.",
    active: "active",
    ends: "ends",
    end: "End",
    endTitle: (name: string) => `End “${name}”?`,
    endText: "Its state is removed, and programs that work in it are stopped.",
    none: "No session is open. Open one to begin to work.",
    ended: "The session has ended.",
  },
  de: {
    title: "Sitzungen",
    open: "Sitzung öffnen",
    name: "Name",
    path: "Pfad des Arbeitsbereichs",
    opened: "Die Sitzung ist geöffnet.",
    active: "aktiv",
    ends: "endet",
    end: "Beenden",
    endTitle: (name: string) => `„${name}“ beenden?`,
    endText: "Ihr Zustand wird entfernt, und Programme, die in ihr arbeiten, werden gestoppt.",
    none: "Keine Sitzung ist offen. Öffnen Sie eine, um zu arbeiten.",
    ended: "Die Sitzung ist beendet.",
  },
});

import { useEffect, useState } from "react";

let open = 0;
let opener: Element | null = null;
// React Aria gives the focus back two frames after a dialog has gone.
const AFTER_MS = 100;

/**
 * Gives the focus back to what opened the first of several dialogs that took each other's place, such
 * as a form and then the secret that it made. React Aria remembers only what had it before the last.
 */
export function useFocusBack(): void {
  useState(() => {
    if (open === 0) opener = document.activeElement;
  });
  useEffect(() => {
    open += 1;
    return () => {
      open -= 1;
      setTimeout(() => {
        if (open === 0 && document.activeElement === document.body) (opener as HTMLElement | null)?.focus();
      }, AFTER_MS);
    };
  }, []);
}

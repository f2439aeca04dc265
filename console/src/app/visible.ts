import { useEffect, useRef } from "react";

/** Does something, such as loading a list again, when the user comes back to the tab. */
export function useReturn(back: () => void): void {
  const latest = useRef(back);
  latest.current = back;
  useEffect(() => {
    const listener = () => {
      if (document.visibilityState === "visible") latest.current();
    };
    document.addEventListener("visibilitychange", listener);
    return () => document.removeEventListener("visibilitychange", listener);
  }, []);
}

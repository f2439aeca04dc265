import { type ReactNode, useEffect, useRef, useState } from "react";
import { Button as AriaButton, type ButtonProps as AriaButtonProps, Link } from "react-aria-components";

type Look = "primary" | "secondary" | "danger" | "quiet";

interface ButtonProps extends Omit<AriaButtonProps, "className" | "style" | "children"> {
  look?: Look;
  /** While what it started runs: it shows that, and takes no further press. */
  pending?: boolean;
  /** For answers that another site may trick a user into: a press counts only if the user has had time to read. */
  deliberate?: boolean;
  children: ReactNode;
}

export function Button({ look = "secondary", pending = false, deliberate = false, onPress, children, ...more }: ButtonProps) {
  const { settled, isSettled } = useSettled(deliberate);
  const press: typeof onPress = (event) => {
    if (isSettled()) onPress?.(event);
  };
  return (
    <AriaButton {...more} onPress={press} className={`button ${look}`} isPending={pending || !settled}>
      {pending && <span className="spinner" aria-hidden="true" />}
      {children}
    </AriaButton>
  );
}

/** How long a button must have been in sight, in milliseconds: browsers wait as long with their own questions. */
const SETTLE = 500;

/**
 * Whether a button has been before its user's eyes for long enough. Another site can close its window over
 * this one between the clicks of a double click, of which the second then answers here.
 */
export function useSettled(wanted: boolean): { settled: boolean; isSettled: () => boolean } {
  const [settled, setSettled] = useState(!wanted);
  const since = useRef(performance.now());
  useEffect(() => {
    if (!wanted) return undefined;
    const appear = () => {
      since.current = performance.now();
    };
    appear();
    const timer = setTimeout(() => setSettled(true), SETTLE);
    window.addEventListener("focus", appear);
    document.addEventListener("visibilitychange", appear);
    return () => {
      clearTimeout(timer);
      window.removeEventListener("focus", appear);
      document.removeEventListener("visibilitychange", appear);
    };
  }, [wanted]);
  return { settled, isSettled: () => !wanted || performance.now() - since.current >= SETTLE };
}

/** A link that looks like a button; inside of the console it does not load the page again. */
export function LinkButton({ to, look = "secondary", children }: { to: string; look?: Look; children: ReactNode }) {
  return (
    <Link href={to} className={`button ${look}`}>
      {children}
    </Link>
  );
}

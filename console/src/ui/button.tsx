import type { ReactNode } from "react";
import { Button as AriaButton, type ButtonProps as AriaButtonProps, Link } from "react-aria-components";

type Look = "primary" | "secondary" | "danger" | "quiet";

interface ButtonProps extends Omit<AriaButtonProps, "className" | "style" | "children"> {
  look?: Look;
  /** While what it started runs: it shows that, and takes no further press. */
  pending?: boolean;
  children: ReactNode;
}

export function Button({ look = "secondary", pending = false, children, ...more }: ButtonProps) {
  return (
    <AriaButton {...more} className={`button ${look}`} isPending={pending}>
      {pending && <span className="spinner" aria-hidden="true" />}
      {children}
    </AriaButton>
  );
}

/** A link that looks like a button; inside of the console it does not load the page again. */
export function LinkButton({ to, look = "secondary", children }: { to: string; look?: Look; children: ReactNode }) {
  return (
    <Link href={to} className={`button ${look}`}>
      {children}
    </Link>
  );
}

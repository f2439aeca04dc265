import { type ReactNode, useEffect, useId, useRef } from "react";

import { common } from "../texts/common";
import { useTexts } from "../texts/catalogue";

interface PageProps {
  title: string;
  /** What the page is about, for the title of the tab: such as the name of a team. */
  context?: string;
  actions?: ReactNode;
  children: ReactNode;
}

/** A page: its title is that of the tab, and gets the focus, so that a screen reader begins there. */
export function Page({ title, context, actions, children }: PageProps) {
  const texts = useTexts(common);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = [title, context, texts.product].filter(Boolean).join(" · ");
  }, [title, context, texts.product]);
  useEffect(() => {
    // A field with autofocus keeps the focus.
    if (document.activeElement === document.body || document.activeElement === null) heading.current?.focus();
  }, []);
  return (
    <div className="page">
      <div className="spread">
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {actions && <div className="row">{actions}</div>}
      </div>
      {children}
    </div>
  );
}

export function Card({ title, actions, children }: { title?: string; actions?: ReactNode; children: ReactNode }) {
  const id = useId();
  return (
    <section className="card" aria-labelledby={title ? id : undefined}>
      {(title || actions) && (
        <div className="spread">
          {title && <h2 id={id}>{title}</h2>}
          {actions && <div className="row">{actions}</div>}
        </div>
      )}
      {children}
    </section>
  );
}

/** Names and values. A value that is empty is left out. */
export function Facts({ facts }: { facts: readonly (readonly [name: string, value: ReactNode])[] }) {
  return (
    <dl className="facts">
      {facts
        .filter(([, value]) => value !== undefined && value !== null && value !== "")
        .map(([name, value]) => (
          <div key={name} style={{ display: "contents" }}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

export function Badge({ look = "", children }: { look?: "good" | "warning" | "danger" | ""; children: ReactNode }) {
  return <span className={`badge ${look}`}>{children}</span>;
}

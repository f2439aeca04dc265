import { type ReactNode, useState } from "react";

import type { Loaded, LoadedList } from "../app/loading";
import { common } from "../texts/common";
import { useTexts } from "../texts/catalogue";
import { Button } from "./button";
import { ErrorNotice } from "./notice";

/** A place for what loads. It has its height from the beginning, so that the page does not move. */
export function Loading() {
  const texts = useTexts(common);
  return (
    <div className="loading" role="status" aria-label={texts.loading}>
      <div className="bar" />
      <div className="bar" />
      <div className="bar" />
    </div>
  );
}

export function Empty({ children }: { children?: ReactNode }) {
  const texts = useTexts(common);
  return <div className="empty">{children ?? texts.nothing}</div>;
}

/** What was loaded; before that its place, or the error. */
export function Ready<T>({ of, children }: { of: Loaded<T>; children: (data: T) => ReactNode }) {
  if (of.data !== undefined) {
    return (
      <>
        {of.error !== undefined && <ErrorNotice error={of.error} onRetry={of.reload} />}
        {children(of.data)}
      </>
    );
  }
  return of.error === undefined ? <Loading /> : <ErrorNotice error={of.error} onRetry={of.reload} />;
}

interface RowsProps<T> {
  of: LoadedList<T>;
  /** What the list is called, for screen readers. */
  label: string;
  keyOf: (item: T) => string;
  empty?: ReactNode;
  children: (item: T) => ReactNode;
}

/** A list with as many pages as the user asks for. Each child has a `what` and, beside it, what can be done. */
export function Rows<T>({ of, label, keyOf, empty, children }: RowsProps<T>) {
  return (
    <Ready of={of}>
      {({ items }) =>
        items.length === 0 && !of.more ? (
          <Empty>{empty}</Empty>
        ) : (
          <>
            <ul className="rows" aria-label={label}>
              {items.map((item) => (
                <li key={keyOf(item)}>{children(item)}</li>
              ))}
            </ul>
            {of.more && <More load={of.more} />}
          </>
        )
      }
    </Ready>
  );
}

function More({ load }: { load: () => Promise<void> }) {
  const texts = useTexts(common);
  const [state, setState] = useState<{ pending: boolean; error?: unknown }>({ pending: false });
  const press = () => {
    setState({ pending: true });
    load().then(
      () => setState({ pending: false }),
      (error: unknown) => setState({ pending: false, error }),
    );
  };
  return (
    <div className="stack">
      <ErrorNotice error={state.error} />
      <div className="row">
        <Button onPress={press} pending={state.pending}>
          {texts.more}
        </Button>
      </div>
    </div>
  );
}

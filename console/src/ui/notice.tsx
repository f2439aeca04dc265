import type { ReactNode } from "react";

import { useErrorText } from "../texts/errors";
import { common } from "../texts/common";
import { useTexts } from "../texts/catalogue";
import { requestIdOf } from "../texts/errors";
import { Button } from "./button";

type Look = "info" | "good" | "warning" | "danger";

/** A note in the page. One that appears because of what the user did is read out: `live`. */
export function Notice({ look = "info", live = false, children }: { look?: Look; live?: boolean; children: ReactNode }) {
  return (
    <div className={`notice ${look}`} role={live ? (look === "danger" ? "alert" : "status") : undefined}>
      {children}
    </div>
  );
}

/** What went wrong, in plain words, with the id by which the operator finds it. */
export function ErrorNotice({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const texts = useTexts(common);
  const text = useErrorText();
  if (error === undefined) return null;
  const id = requestIdOf(error);
  return (
    <Notice look="danger" live>
      <p>{text(error)}</p>
      {id && <p className="small muted mono">{texts.requestId(id)}</p>}
      {onRetry && (
        <div className="row">
          <Button onPress={onRetry}>{texts.retry}</Button>
        </div>
      )}
    </Notice>
  );
}

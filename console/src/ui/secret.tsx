import type { ReactNode } from "react";

import { common } from "../texts/common";
import { useTexts } from "../texts/catalogue";
import { useAnnounce } from "./announce";
import { Button } from "./button";
import { Dialog } from "./dialog";
import { Notice } from "./notice";

interface CopyProps {
  /** What is copied, for screen readers. */
  label: string;
  value: string;
  /** What the button says, where "copy" alone is not clear. */
  text?: string;
}

/** Copies a text that the page shows. */
export function CopyButton({ label, value, text }: CopyProps) {
  const texts = useTexts(common);
  const announce = useAnnounce();
  const copy = () => {
    // A browser can refuse it.
    void navigator.clipboard.writeText(value).then(
      () => announce(texts.copied),
      () => announce(texts.notCopied),
    );
  };
  return (
    <Button onPress={copy} aria-label={text ?? `${texts.copy}: ${label}`}>
      {text ?? texts.copy}
    </Button>
  );
}

/** A text to copy, such as a token that is shown once. */
export function CopyField({ label, value }: { label: string; value: string }) {
  return (
    <div className="field">
      <span className="label">{label}</span>
      <div className="secret">
        <code>{value}</code>
        <CopyButton label={label} value={value} />
      </div>
    </div>
  );
}

interface ShownOnceProps {
  title: string;
  /** That it is shown only now, and what to do if it is lost. */
  why: string;
  /** What the button says; by default for one secret. */
  kept?: string;
  onClose: () => void;
  /** The secret, and what belongs to it: each a `CopyField`. */
  children: ReactNode;
}

/** A secret that cannot be seen again: the dialog stays until the user says that it has been kept. */
export function ShownOnce({ title, why, kept, onClose, children }: ShownOnceProps) {
  const texts = useTexts(common);
  return (
    <Dialog title={title} onClose={onClose} stays>
      <Notice look="warning">{why}</Notice>
      {children}
      <div className="actions">
        <Button look="primary" onPress={onClose}>
          {kept ?? texts.kept}
        </Button>
      </div>
    </Dialog>
  );
}

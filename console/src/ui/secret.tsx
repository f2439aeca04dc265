import { common } from "../texts/common";
import { useTexts } from "../texts/catalogue";
import { useAnnounce } from "./announce";
import { Button } from "./button";

/** A text to copy, such as a token that is shown once. */
export function CopyField({ label, value }: { label: string; value: string }) {
  const texts = useTexts(common);
  const announce = useAnnounce();
  const copy = () => {
    void navigator.clipboard.writeText(value).then(() => announce(texts.copied));
  };
  return (
    <div className="field">
      <span className="label">{label}</span>
      <div className="secret">
        <code>{value}</code>
        <Button onPress={copy} aria-label={`${texts.copy}: ${label}`}>
          {texts.copy}
        </Button>
      </div>
    </div>
  );
}

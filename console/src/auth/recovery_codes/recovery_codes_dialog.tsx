import { useUser } from "../../app/client";
import { common } from "../../texts/common";
import { factors } from "../../texts/factors";
import { useLanguage, useTexts } from "../../texts/catalogue";
import { useAnnounce } from "../../ui/announce";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { save } from "../../ui/download";

/** New recovery codes, which no page can show again. */
export function RecoveryCodesDialog({ codes, onClose }: { codes: readonly string[]; onClose: () => void }) {
  const texts = useTexts(factors);
  const buttons = useTexts(common);
  const announce = useAnnounce();
  const head = useHead();
  const content = `${head}\n\n${codes.join("\n")}\n`;
  const copy = () => {
    void navigator.clipboard.writeText(codes.join("\n")).then(() => announce(buttons.copied));
  };
  return (
    <Dialog title={texts.codes} onClose={onClose} stays>
      <p>{texts.codesWhy}</p>
      <p className="no-print">
        <strong>{texts.codesOnce}</strong>
      </p>
      <ol className="codes" aria-label={texts.codes}>
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ol>
      <p className="small muted">{head}</p>
      <div className="row no-print">
        <Button onPress={copy}>{texts.codesCopy}</Button>
        <Button onPress={() => window.print()}>{texts.codesPrint}</Button>
        <Button onPress={() => save(new Blob([content], { type: "text/plain" }), texts.codesFile)}>{texts.codesSave}</Button>
      </div>
      <div className="actions no-print">
        <Button look="primary" onPress={onClose}>
          {texts.codesKept}
        </Button>
      </div>
    </Dialog>
  );
}

/** Whose codes they are, and of which day, for paper and files. */
function useHead(): string {
  const texts = useTexts(factors);
  const { email } = useUser().user;
  const day = new Intl.DateTimeFormat(useLanguage(), { dateStyle: "long" }).format(new Date());
  return texts.codesHead(email, day);
}

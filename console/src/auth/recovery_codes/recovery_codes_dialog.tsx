import { useUser } from "../../app/client";
import { factors } from "../../texts/factors";
import { useLanguage, useTexts } from "../../texts/catalogue";
import { Button } from "../../ui/button";
import { save } from "../../ui/download";
import { CopyButton, ShownOnce } from "../../ui/secret";

/** New recovery codes, which no page can show again. */
export function RecoveryCodesDialog({ codes, onClose }: { codes: readonly string[]; onClose: () => void }) {
  const texts = useTexts(factors);
  const head = useHead();
  const content = `${head}\n\n${codes.join("\n")}\n`;
  return (
    <ShownOnce title={texts.codes} why={texts.codesOnce} kept={texts.codesKept} onClose={onClose}>
      <p>{texts.codesWhy}</p>
      <ol className="codes" aria-label={texts.codes}>
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ol>
      <p className="small muted">{head}</p>
      <div className="row no-print">
        <CopyButton label={texts.codes} value={codes.join("\n")} />
        <Button onPress={() => window.print()}>{texts.codesPrint}</Button>
        <Button onPress={() => save(new Blob([content], { type: "text/plain" }), texts.codesFile)}>{texts.codesSave}</Button>
      </div>
    </ShownOnce>
  );
}

/** Whose codes they are, and of which day, for paper and files. */
function useHead(): string {
  const texts = useTexts(factors);
  const { email } = useUser().user;
  const day = new Intl.DateTimeFormat(useLanguage(), { dateStyle: "long" }).format(new Date());
  return texts.codesHead(email, day);
}

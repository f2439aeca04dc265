import { useState } from "react";

import { coditect } from "../../app/client";
import { useSubmit } from "../../app/loading";
import { accounts } from "../../texts/accounts";
import { useLanguage, useTexts } from "../../texts/catalogue";
import { useAnnounce } from "../../ui/announce";
import { Button } from "../../ui/button";
import { received, save } from "../../ui/download";
import { ErrorNotice } from "../../ui/notice";
import { Card } from "../../ui/page";
import { useProof } from "../logins/proof";

/** Everything that is stored about the user, as a file. */
export function DownloadCard() {
  const texts = useTexts(accounts);
  const announce = useAnnounce();
  const prove = useProof();
  const [bytes, setBytes] = useState(0);
  const { submit, pending, error } = useSubmit(async () => {
    setBytes(0);
    const response = await prove(() => coditect.download("/api/v5/auth/me/export"));
    const day = new Date().toISOString().slice(0, 10);
    save(await received(response, setBytes), `${texts.fileName}-${day}.ndjson`);
    announce(texts.downloaded);
  });
  const size = useSize();
  return (
    <Card title={texts.download}>
      <p className="muted">{texts.downloadWhy}</p>
      <ErrorNotice error={error} />
      <div className="row">
        <Button onPress={() => void submit()} pending={pending}>
          {texts.downloadAction}
        </Button>
        {pending && bytes > 0 && <span className="muted small">{texts.downloading(size(bytes))}</span>}
      </div>
    </Card>
  );
}

function useSize(): (bytes: number) => string {
  const language = useLanguage();
  const format = new Intl.NumberFormat(language, { style: "unit", unit: "kilobyte", maximumFractionDigits: 0 });
  return (bytes) => format.format(Math.ceil(bytes / 1000));
}

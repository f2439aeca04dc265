import { NetworkError } from "@coditect/client";
import { useState } from "react";

import { coditect } from "../../app/client";
import { useSubmit } from "../../app/loading";
import { accounts } from "../../texts/accounts";
import { useLanguage, useTexts } from "../../texts/catalogue";
import { useAnnounce } from "../../ui/announce";
import { Button } from "../../ui/button";
import { save } from "../../ui/download";
import { ErrorNotice } from "../../ui/notice";
import { Card } from "../../ui/page";
import { useProof } from "../logins/proof";

/** Everything that is stored about the user, as a file. */
export function DownloadCard() {
  const texts = useTexts(accounts);
  const announce = useAnnounce();
  const prove = useProof();
  const [received, setReceived] = useState(0);
  const { submit, pending, error } = useSubmit(async () => {
    setReceived(0);
    const response = await prove(() => coditect.download("/api/v5/auth/me/export"));
    const day = new Date().toISOString().slice(0, 10);
    save(await read(response, setReceived), `${texts.fileName}-${day}.ndjson`);
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
        {pending && received > 0 && <span className="muted small">{texts.downloading(size(received))}</span>}
      </div>
    </Card>
  );
}

/** Reads a download to its end, and says how many bytes it has. Raises `NetworkError` if it breaks off. */
async function read(response: Response, progress: (bytes: number) => void): Promise<Blob> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  const reader = (response.body as ReadableStream<Uint8Array<ArrayBuffer>>).getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      parts.push(next.value);
      bytes += next.value.length;
      progress(bytes);
    }
  } catch (cause) {
    throw new NetworkError("the download broke off", { cause });
  }
  return new Blob(parts, { type: "application/x-ndjson" });
}

function useSize(): (bytes: number) => string {
  const language = useLanguage();
  const format = new Intl.NumberFormat(language, { style: "unit", unit: "kilobyte", maximumFractionDigits: 0 });
  return (bytes) => format.format(Math.ceil(bytes / 1000));
}

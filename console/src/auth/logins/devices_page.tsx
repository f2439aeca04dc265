import type { components } from "@coditect/client";
import { useState } from "react";
import { Link } from "react-aria-components";

import { coditect } from "../../app/client";
import { useList } from "../../app/loading";
import { devices } from "../../texts/devices";
import { useTexts } from "../../texts/catalogue";
import { useAnnounce } from "../../ui/announce";
import { Button } from "../../ui/button";
import { Confirm } from "../../ui/dialog";
import { Badge, Card, Page } from "../../ui/page";
import { Rows } from "../../ui/states";
import { Time } from "../../ui/time";
import { useDeviceName } from "./device_name";
import { useProof } from "./proof";

type Login = components["schemas"]["auth.Login"];

export function DevicesPage() {
  const texts = useTexts(devices);
  const announce = useAnnounce();
  const prove = useProof();
  const device = useDeviceName();
  const list = useList(loadLogins);
  const [ending, setEnding] = useState<Login | "all" | undefined>();
  const close = () => setEnding(undefined);
  const end = async ({ loginId }: Login) => {
    await prove(() => coditect.delete("/api/v5/auth/logins/{loginId}", { params: { path: { loginId } } }));
    announce(texts.ended);
    list.reload();
  };
  const endAll = async () => {
    await prove(() => coditect.logoutAll());
    announce(texts.endedAll);
  };
  return (
    <Page
      title={texts.title}
      actions={
        <Button look="danger" onPress={() => setEnding("all")}>
          {texts.endAll}
        </Button>
      }
    >
      <p className="muted">{texts.why}</p>
      <Card>
        <Rows of={list} label={texts.title} keyOf={(login) => login.loginId}>
          {(login) => <DeviceRow login={login} name={device(login.userAgent)} onEnd={() => setEnding(login)} />}
        </Rows>
      </Card>
      <p className="muted">
        {texts.suspicious} <Link href="/account/security">{texts.changePassword}</Link>
      </p>
      {ending === "all" && (
        <Confirm title={texts.endAllTitle} action={texts.endAll} onConfirm={endAll} onClose={close}>
          <p>{texts.endAllText}</p>
        </Confirm>
      )}
      {ending !== undefined && ending !== "all" && (
        <Confirm
          title={texts.endTitle(device(ending.userAgent))}
          action={texts.end}
          onConfirm={() => end(ending)}
          onClose={close}
        >
          <p>{texts.endText}</p>
        </Confirm>
      )}
    </Page>
  );
}

/** As many as a page of the API has: nearly always all of them, so that they can be put into an order. */
const MOST = 1_000;

async function loadLogins(pageToken: string, signal?: AbortSignal) {
  const query = { pageSize: MOST, ...(pageToken && { pageToken }) };
  const page = await coditect.get("/api/v5/auth/logins", { params: { query }, ...(signal && { signal }) });
  return { items: page.logins.toSorted(byUse), nextPageToken: page.nextPageToken };
}

/** This device first, then the one that was used last. */
function byUse(one: Login, other: Login): number {
  return Number(other.current) - Number(one.current) || other.lastUsedTime.localeCompare(one.lastUsedTime);
}

function DeviceRow({ login, name, onEnd }: { login: Login; name: string; onEnd: () => void }) {
  const texts = useTexts(devices);
  return (
    <>
      <div className="what">
        <p className="row">
          <span title={login.userAgent}>{name}</span>
          {login.current && <Badge look="good">{texts.current}</Badge>}
        </p>
        <p className="small muted">
          {texts.from(login.address)}, {texts.since} <Time value={login.createTime} />, {texts.used}{" "}
          <Time value={login.lastUsedTime} />
        </p>
      </div>
      {!login.current && (
        <Button look="danger" onPress={onEnd} aria-label={`${texts.end}: ${name}`}>
          {texts.end}
        </Button>
      )}
    </>
  );
}

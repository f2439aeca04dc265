/** The way back to the program. */

import { useEffect, useState } from "react";

import { authorizations } from "../../texts/authorizations";
import { common } from "../../texts/common";
import { useTexts } from "../../texts/catalogue";
import { Button } from "../../ui/button";
import { Card, Page } from "../../ui/page";
import { placeOf } from "./request";

/** Names where an address leads. */
export function usePlaceText(): (uri: string) => string {
  const texts = useTexts(authorizations);
  return (uri) => {
    const { kind, name } = placeOf(uri);
    return { site: name, computer: texts.thisComputer(name), app: texts.app(name) }[kind];
  };
}

/**
 * Sends the browser to the program. The page is not in the history afterwards, as the address may
 * have a code, which is also the reason why it is not shown.
 */
export function Leaving({ uri }: { uri: string }) {
  const texts = useTexts(authorizations);
  useEffect(() => window.location.replace(uri), [uri]);
  return (
    <Page title={texts.leaving}>
      <Card>
        <p role="status">{texts.leavingText}</p>
      </Card>
    </Page>
  );
}

/** Asks first: anybody can register a program, so its address may be anywhere (RFC 9700, section 4.11.2). */
export function LeaveQuestion({ uri, why, onBack }: { uri: string; why: string; onBack?: () => void }) {
  const texts = useTexts(authorizations);
  const buttons = useTexts(common);
  const [going, setGoing] = useState(false);
  if (going) return <Leaving uri={uri} />;
  return (
    <Page title={texts.leave}>
      <Card>
        <p>{why}</p>
        <div className="row">
          <Button deliberate onPress={() => setGoing(true)}>{texts.leaveTo(placeOf(uri).name)}</Button>
          {onBack && (
            <Button look="quiet" onPress={onBack}>
              {buttons.back}
            </Button>
          )}
        </div>
      </Card>
    </Page>
  );
}

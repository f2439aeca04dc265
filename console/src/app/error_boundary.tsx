import { Component, type ReactNode } from "react";

import { common } from "../texts/common";
import { useTexts } from "../texts/catalogue";
import { Button } from "../ui/button";
import { Notice } from "../ui/notice";

/** Shows a way on when a page breaks, such as when a part of it cannot be loaded after an update. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError() {
    return { broken: true };
  }

  override render() {
    return this.state.broken ? <Broken /> : this.props.children;
  }
}

function Broken() {
  const texts = useTexts(common);
  return (
    <main>
      <Notice look="danger" live>
        <p>{texts.broken}</p>
        <div className="row">
          <Button onPress={() => window.location.reload()}>{texts.reload}</Button>
        </div>
      </Notice>
    </main>
  );
}

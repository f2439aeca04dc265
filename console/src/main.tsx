// First: it takes the token out of the address before anything else reads that.
import "./app/link_token";

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { I18nProvider } from "react-aria-components";
import { BrowserRouter } from "react-router";

import { ErrorBoundary } from "./app/error_boundary";
import { PreferencesProvider } from "./app/preferences";
import { Pages } from "./app/routes";
import { start } from "./app/start";
import { useLanguage } from "./texts/catalogue";
import "./ui/theme.css";
import "./ui/ui.css";

function Console() {
  return (
    <I18nProvider locale={useLanguage()}>
      <ErrorBoundary>
        <BrowserRouter>
          <Pages />
        </BrowserRouter>
      </ErrorBoundary>
    </I18nProvider>
  );
}

start();
createRoot(document.getElementById("root") as HTMLElement).render(
  <StrictMode>
    <PreferencesProvider>
      <Console />
    </PreferencesProvider>
  </StrictMode>,
);

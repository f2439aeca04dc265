import { Suspense, useEffect, useState, useSyncExternalStore } from "react";
import { Button as AriaButton, Link, RouterProvider } from "react-aria-components";
import { Navigate, NavLink, Outlet, useHref, useLocation, useNavigate } from "react-router";

import { ProofDialog } from "../auth/logins/proof_dialog";
import { TenantSwitch } from "../tenants/organizations/tenant_switch";
import { common } from "../texts/common";
import { logins } from "../texts/logins";
import { shell } from "../texts/shell";
import { LANGUAGES, type Language, useTexts } from "../texts/catalogue";
import { Announcements } from "../ui/announce";
import { Button } from "../ui/button";
import { ErrorNotice, Notice } from "../ui/notice";
import { Loading } from "../ui/states";
import { coditect, useLogin, useUser } from "./client";
import { useOpenedLinks } from "./link_token";
import { useSubmit } from "./loading";
import { type Theme, usePreferences } from "./preferences";
import { Starting } from "./start";
import "./shell.css";

/** What surrounds every page. */
export function Frame() {
  const navigate = useNavigate();
  const texts = useTexts(common);
  return (
    <RouterProvider navigate={(to) => void navigate(to)} useHref={useHref}>
      <Announcements>
        <ProofDialog>
          <a href="#content" className="skip">
            {texts.skip}
          </a>
          <Outlet />
        </ProofDialog>
      </Announcements>
    </RouterProvider>
  );
}

/** The frame of pages without a login: a narrow column. */
export function PublicLayout() {
  const links = useOpenedLinks();
  return (
    <div className="public">
      <Header />
      <main id="content" tabIndex={-1}>
        <Offline />
        <Suspense fallback={<Loading />}>
          <Outlet key={links} />
        </Suspense>
      </main>
      <Footer />
    </div>
  );
}

/** The frame of pages for a user who is logged in; others are sent to the login, and come back. */
export function UserLayout() {
  const state = useLogin();
  const location = useLocation();
  if (state.status === "starting") {
    return (
      <div className="public">
        <main>
          <Starting />
        </main>
      </div>
    );
  }
  if (state.status === "signedOut") {
    const next = location.pathname + location.search;
    // After a logout the next user of the browser begins at the start.
    const query = state.reason === "loggedOut" || next === "/" ? "" : `?${new URLSearchParams({ next })}`;
    return <Navigate to={`/login${query}`} replace />;
  }
  return (
    <div className="private">
      <Header navigation />
      <main id="content" tabIndex={-1}>
        <Offline />
        <Suspense fallback={<Loading />}>
          {/* Another user or tenant has other things on every page, and gets nothing of what was typed. */}
          <Outlet key={`${state.user.userId} ${state.tenant.tenantId}`} />
        </Suspense>
      </main>
      <Footer />
    </div>
  );
}

function Header({ navigation = false }: { navigation?: boolean }) {
  const texts = useTexts(common);
  const [open, setOpen] = useState(false);
  const { pathname } = useLocation();
  useEffect(() => setOpen(false), [pathname]);
  return (
    <header className="header no-print">
      <Link href="/" className="brand">
        <img src="/favicon.svg" alt="" width="28" height="28" />
        {texts.product}
      </Link>
      {navigation && (
        <AriaButton className="button menu" aria-expanded={open} aria-controls="navigation" onPress={() => setOpen(!open)}>
          {texts.menu}
        </AriaButton>
      )}
      {navigation && <Navigation open={open} />}
    </header>
  );
}

function Navigation({ open }: { open: boolean }) {
  const texts = useTexts(shell);
  const buttons = useTexts(logins);
  const { user } = useUser();
  // Without the network it fails, and the user stays logged in: only the API can remove the cookie.
  const logout = useSubmit(() => coditect.logout());
  return (
    <div id="navigation" className={open ? "navigation open" : "navigation"}>
      <TenantSwitch key={user.userId} />
      <nav aria-label={texts.main}>
        <NavLink to="/sessions">{texts.sessions}</NavLink>
        <NavLink to="/teams">{texts.teams}</NavLink>
        <h2 className="heading">{texts.account}</h2>
        <NavLink to="/account" end>
          {texts.profile}
        </NavLink>
        <NavLink to="/account/security">{texts.security}</NavLink>
        <NavLink to="/account/devices">{texts.devices}</NavLink>
        <NavLink to="/account/activity">{texts.activity}</NavLink>
        <NavLink to="/account/tokens">{texts.tokens}</NavLink>
        <NavLink to="/account/programs">{texts.programs}</NavLink>
      </nav>
      <div className="who">
        <p className="small muted">{texts.loggedInAs(user.email)}</p>
        <ErrorNotice error={logout.error} />
        <Button onPress={() => void logout.submit()} pending={logout.pending}>
          {buttons.logout}
        </Button>
      </div>
    </div>
  );
}

function Footer() {
  const texts = useTexts(common);
  const { language, theme, setLanguage, setTheme } = usePreferences();
  const themes = Object.entries(texts.themes) as [Theme, string][];
  return (
    <footer className="footer no-print">
      <label>
        {texts.language}
        <select value={language} onChange={(event) => setLanguage(event.target.value as Language)}>
          {Object.entries(LANGUAGES).map(([one, name]) => (
            <option key={one} value={one} lang={one}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label>
        {texts.theme}
        <select value={theme} onChange={(event) => setTheme(event.target.value as Theme)}>
          {themes.map(([one, name]) => (
            <option key={one} value={one}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <a href="/docs">{texts.apiDocs}</a>
    </footer>
  );
}

function Offline() {
  const texts = useTexts(common);
  const online = useSyncExternalStore(subscribeToNetwork, () => navigator.onLine);
  return online ? null : (
    <div className="offline">
      <Notice look="warning" live>
        {texts.offline}
      </Notice>
    </div>
  );
}

function subscribeToNetwork(listener: () => void): () => void {
  window.addEventListener("online", listener);
  window.addEventListener("offline", listener);
  return () => {
    window.removeEventListener("online", listener);
    window.removeEventListener("offline", listener);
  };
}

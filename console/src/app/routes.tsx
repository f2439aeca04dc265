import { type ComponentType, lazy } from "react";
import { Navigate, Route, Routes } from "react-router";

import { LoginPage } from "../auth/logins/login_page";
import { NotFoundPage } from "./not_found_page";
import { Frame, PublicLayout, UserLayout } from "./shell";

/** A page that is loaded when it is opened first: a module exports it by its name. */
function page<Name extends string>(load: () => Promise<Record<Name, ComponentType>>, name: Name) {
  return lazy(async () => ({ default: (await load())[name] }));
}

const SessionsPage = page(() => import("../sessions/sessions_page"), "SessionsPage");

/** The addresses of the console. Those of emails are named by `ACCOUNT_LINK` and `INVITATION_LINK`. */
export function Pages() {
  return (
    <Routes>
      <Route element={<Frame />}>
        <Route element={<PublicLayout />}>
          <Route path="/login" element={<LoginPage />} />
          <Route path="*" element={<NotFoundPage />} />
        </Route>
        <Route element={<UserLayout />}>
          <Route path="/" element={<Navigate to="/sessions" replace />} />
          <Route path="/sessions" element={<SessionsPage />} />
        </Route>
      </Route>
    </Routes>
  );
}

/** What pages do with calls: load when they open, submit when the user asks for it. */

import { CoditectError } from "@coditect/client";
import { useCallback, useEffect, useRef, useState } from "react";

export interface Loaded<T> {
  /** What was loaded last; also while it is loaded again. */
  readonly data: T | undefined;
  readonly error: unknown;
  readonly loading: boolean;
  readonly reload: () => void;
  /** Puts a newer value in the place of what was loaded. */
  readonly replace: (change: (data: T) => T) => void;
}

/**
 * Loads when the component appears, and again when `key` is another one. An answer that has been
 * overtaken by a later call is dropped.
 */
export function useLoad<T>(load: (signal: AbortSignal) => Promise<T>, key: string = ""): Loaded<T> {
  const [state, setState] = useState<{ key: string; data?: T; error?: unknown; loading: boolean }>({ key, loading: true });
  const [turn, setTurn] = useState(0);
  const latest = useRef(load);
  latest.current = load;

  useEffect(() => {
    const abort = new AbortController();
    setState((before) => (before.key === key ? { ...before, loading: true } : { key, loading: true }));
    latest.current(abort.signal).then(
      (data) => abort.signal.aborted || setState({ key, data, loading: false }),
      (error: unknown) => abort.signal.aborted || setState((before) => ({ ...before, error, loading: false })),
    );
    return () => abort.abort();
  }, [key, turn]);

  const reload = useCallback(() => setTurn((before) => before + 1), []);
  const replace = useCallback((change: (data: T) => T) => {
    setState((before) => (before.data === undefined ? before : { ...before, data: change(before.data) }));
  }, []);
  const mine = state.key === key;
  return {
    data: mine ? state.data : undefined,
    error: mine ? state.error : undefined,
    loading: !mine || state.loading,
    reload,
    replace,
  };
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextPageToken: string;
}

export interface LoadedList<T> extends Loaded<Page<T>> {
  /** Loads the next page below; undefined after the last one. */
  readonly more: (() => Promise<void>) | undefined;
}

/**
 * Loads a list page by page; `load` gets the token of the page, empty for the first one. A reload
 * brings as many pages as are shown.
 */
export function useList<T>(load: (pageToken: string, signal?: AbortSignal) => Promise<Page<T>>, key: string = ""): LoadedList<T> {
  const shown = useRef({ key, pages: 1 });
  if (shown.current.key !== key) shown.current = { key, pages: 1 };
  const first = useLoad((signal) => loadPages(load, shown.current.pages, signal), key);
  const token = first.data?.nextPageToken;
  const more = async () => {
    if (!token) return;
    const next = await load(token);
    // A list that was loaded again meanwhile does not get a page of the earlier one.
    first.replace((data) => (data.nextPageToken === token ? joined(data, next) : data));
    shown.current.pages += 1;
  };
  return { ...first, more: token ? more : undefined };
}

async function loadPages<T>(
  load: (pageToken: string, signal?: AbortSignal) => Promise<Page<T>>,
  pages: number,
  signal: AbortSignal,
): Promise<Page<T>> {
  let all = await load("", signal);
  for (let page = 1; page < pages && all.nextPageToken; page++) {
    all = joined(all, await load(all.nextPageToken, signal));
  }
  return all;
}

function joined<T>(before: Page<T>, next: Page<T>): Page<T> {
  return { items: [...before.items, ...next.items], nextPageToken: next.nextPageToken };
}

export interface Submission<Given extends unknown[]> {
  /** Runs the action, one at a time. Returns whether it succeeded. */
  readonly submit: (...given: Given) => Promise<boolean>;
  readonly pending: boolean;
  readonly error: unknown;
  /** What is wrong with the fields, by their names, for the form. */
  readonly violations: Record<string, Violation>;
  readonly clear: () => void;
}

/** An action of the user that calls the API: pending while it runs, its error afterwards. */
export function useSubmit<Given extends unknown[]>(action: (...given: Given) => Promise<unknown>): Submission<Given> {
  const [state, setState] = useState<{ pending: boolean; error?: unknown }>({ pending: false });
  const running = useRef(false);
  const latest = useRef(action);
  latest.current = action;

  const submit = useCallback(async (...given: Given) => {
    if (running.current) return false;
    running.current = true;
    setState({ pending: true });
    try {
      await latest.current(...given);
      setState({ pending: false });
      return true;
    } catch (error) {
      setState({ pending: false, error });
      return false;
    } finally {
      running.current = false;
    }
  }, []);
  const clear = useCallback(() => setState({ pending: false }), []);
  return { submit, clear, pending: state.pending, error: state.error, violations: violationsOf(state.error) };
}

/** What a service says about a field. */
export interface Violation {
  readonly reason: string;
  readonly description: string;
}

function violationsOf(error: unknown): Record<string, Violation> {
  return error instanceof CoditectError ? error.fields() : {};
}

import { type ReactNode, createContext, useCallback, useContext, useEffect, useState } from "react";

const Announce = createContext<(text: string) => void>(() => undefined);
const SECONDS = 4;

/** Shows short messages about what has been done, and has screen readers read them. */
export function Announcements({ children }: { children: ReactNode }) {
  const [message, setMessage] = useState<{ text: string } | undefined>();
  useEffect(() => {
    if (!message) return undefined;
    const timer = setTimeout(() => setMessage(undefined), SECONDS * 1000);
    return () => clearTimeout(timer);
  }, [message]);
  const announce = useCallback((text: string) => setMessage({ text }), []);
  return (
    <Announce value={announce}>
      {children}
      <div className="toast no-print" role="status">
        {message && <p>{message.text}</p>}
      </div>
    </Announce>
  );
}

/** Says what has been done. */
export function useAnnounce(): (text: string) => void {
  return useContext(Announce);
}

import { useUser } from "../app/client";
import { sessions } from "../texts/sessions";
import { useTexts } from "../texts/catalogue";
import { useAnnounce } from "../ui/announce";
import { Confirm } from "../ui/dialog";
import { type Session, endSession, useSessionName } from "./session";

interface Props {
  session: Session;
  /** Who the session belongs to, if that is another user. */
  owner?: string;
  onClose: () => void;
  onEnded: () => void;
}

export function EndDialog({ session, owner, onClose, onEnded }: Props) {
  const texts = useTexts(sessions);
  const announce = useAnnounce();
  const nameOf = useSessionName();
  const { user } = useUser();
  const end = async () => {
    await endSession(session.sessionId);
    announce(texts.ended);
    onEnded();
  };
  return (
    <Confirm title={texts.endTitle(nameOf(session))} action={texts.end} onConfirm={end} onClose={onClose}>
      <p>{texts.endText}</p>
      {session.userId !== user.userId && owner && <p>{texts.endOther(owner)}</p>}
    </Confirm>
  );
}

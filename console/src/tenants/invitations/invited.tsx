import { useLinkTokenOf } from "../../app/link_token";
import { registration } from "../../texts/registration";
import { useTexts } from "../../texts/catalogue";
import { Notice } from "../../ui/notice";

/** Tells a user who logs in or registers on the way that the invitation waits. */
export function Invited() {
  const texts = useTexts(registration);
  return useLinkTokenOf("/invitations") === undefined ? null : <Notice>{texts.invited}</Notice>;
}

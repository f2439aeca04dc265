import type { ReactNode } from "react";
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from "react-aria-components";

import { useSubmit } from "../app/loading";
import { common } from "../texts/common";
import { useTexts } from "../texts/catalogue";
import { Button } from "./button";
import { useFocusBack } from "./focus";
import { ErrorNotice } from "./notice";

interface DialogProps {
  title: string;
  onClose: () => void;
  /** Whether only its own buttons close it: for what is shown once. */
  stays?: boolean;
  alert?: boolean;
  children: ReactNode;
}

/** A dialog, as long as it is rendered. Escape closes it; the focus goes back to where it was. */
export function Dialog({ title, onClose, stays = false, alert = false, children }: DialogProps) {
  useFocusBack();
  return (
    <ModalOverlay
      isOpen
      onOpenChange={(open) => open || onClose()}
      className="overlay"
      isDismissable={!stays}
      isKeyboardDismissDisabled={stays}
    >
      <Modal className="modal">
        <AriaDialog className="dialog" role={alert ? "alertdialog" : "dialog"}>
          <Heading slot="title" level={2}>
            {title}
          </Heading>
          {children}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

interface ConfirmProps {
  title: string;
  action: string;
  onConfirm: () => Promise<unknown>;
  onClose: () => void;
  look?: "danger" | "primary";
  children?: ReactNode;
}

/** Asks before something is done, and closes when it is done. */
export function Confirm({ title, action, onConfirm, onClose, look = "danger", children }: ConfirmProps) {
  const texts = useTexts(common);
  const { submit, pending, error } = useSubmit(onConfirm);
  const confirm = async () => {
    if (await submit()) onClose();
  };
  return (
    <Dialog title={title} onClose={onClose} alert>
      {children}
      <ErrorNotice error={error} />
      <div className="actions">
        <Button onPress={onClose} autoFocus>
          {texts.cancel}
        </Button>
        <Button look={look} onPress={confirm} pending={pending}>
          {action}
        </Button>
      </div>
    </Dialog>
  );
}

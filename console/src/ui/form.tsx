import { type FormEvent, type ReactNode, type RefObject, createContext, useContext, useEffect, useId, useRef, useState } from "react";
import {
  Form as AriaForm,
  Checkbox as AriaCheckbox,
  CheckboxGroup as AriaCheckboxGroup,
  FieldError,
  Input,
  Label,
  Text,
  TextArea,
  TextField as AriaTextField,
} from "react-aria-components";

import type { Submission } from "../app/loading";
import { common } from "../texts/common";
import { useTexts } from "../texts/catalogue";
import { useViolationText } from "../texts/errors";
import { Button, useSettled } from "./button";
import { ErrorNotice } from "./notice";

const Pending = createContext(false);

interface FormProps<Given extends unknown[]> {
  /** Where the values go, and what became of them. */
  submission: Submission<Given>;
  onSubmit: (values: Readonly<Record<string, string>>) => void;
  /** The text of the button; none without. */
  action?: string;
  look?: "primary" | "danger";
  /** As of a button: for forms without a field, which one click sends. */
  deliberate?: boolean;
  /** What stands beside the button. */
  beside?: ReactNode;
  children: ReactNode;
}

/**
 * A form. What a service says about a field is shown at the field with that name, everything else
 * above the button; the first field that is wrong gets the focus.
 */
export function Form<Given extends unknown[]>({
  submission,
  onSubmit,
  action,
  look = "primary",
  deliberate = false,
  beside,
  children,
}: FormProps<Given>) {
  const { isSettled } = useSettled(deliberate);
  const text = useViolationText();
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (submission.error !== undefined) form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [submission.error]);
  useCorrections(form);
  const shown = Object.fromEntries(
    Object.entries(submission.violations).map(([name, violation]) => [name, text(violation)]),
  );
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (!isSettled()) return;
    const entries = [...new FormData(event.currentTarget)].map(([name, value]) => [name, String(value)]);
    onSubmit(Object.fromEntries(entries) as Record<string, string>);
  };
  return (
    <Pending value={submission.pending}>
      <AriaForm ref={form} className="stack" onSubmit={submit} validationErrors={shown}>
        {children}
        <ErrorNotice error={submission.error} />
        {(action || beside) && (
          <div className="actions start">
            {action && (
              <Button type="submit" look={look} pending={submission.pending} deliberate={deliberate}>
                {action}
              </Button>
            )}
            {beside}
          </div>
        )}
      </AriaForm>
    </Pending>
  );
}

/**
 * Checks a field that is wrong again with each character. React Aria does so when the field loses the
 * focus; then its fault would vanish, and the button move away, under the pointer that presses the button.
 */
function useCorrections(form: RefObject<HTMLFormElement | null>): void {
  useEffect(() => {
    const found = form.current;
    const check = ({ target }: Event) => {
      if (target instanceof HTMLElement && target.matches("[aria-invalid=true]")) {
        target.dispatchEvent(new Event("change", { bubbles: true }));
      }
    };
    found?.addEventListener("input", check);
    return () => found?.removeEventListener("input", check);
  }, [form]);
}

/** Whether the form around is being submitted. */
export function usePending(): boolean {
  return useContext(Pending);
}

interface TextFieldProps {
  name: string;
  label: string;
  description?: string;
  type?: "text" | "email" | "password" | "url" | "number" | "date";
  autoComplete?: string;
  inputMode?: "numeric" | "email" | "text";
  required?: boolean;
  autoFocus?: boolean;
  defaultValue?: string;
  value?: string;
  onChange?: (value: string) => void;
  maxLength?: number;
  rows?: number;
  spellCheck?: boolean;
  min?: number;
  max?: number;
  /** What is wrong with a value, before it is sent; undefined if nothing is. */
  validate?: (value: string) => string | undefined;
}

export function TextField({ label, description, required = true, rows, min, max, spellCheck, ...more }: TextFieldProps) {
  const texts = useTexts(common);
  const secret = more.type === "password";
  const [visible, setVisible] = useState(false);
  const type = secret && visible ? "text" : (more.type ?? "text");
  const spell = String(spellCheck ?? (!secret && type === "text" && rows !== undefined)) as "true" | "false";
  return (
    <AriaTextField {...more} type={type} isRequired={required} spellCheck={spell} className="field">
      <Label>{label}</Label>
      {rows ? (
        <TextArea rows={rows} />
      ) : secret ? (
        <div className="with-button">
          <Input />
          <Button
            onPress={() => setVisible(!visible)}
            aria-label={visible ? texts.hidePassword : texts.showPassword}
            aria-pressed={visible}
          >
            <Eye crossed={visible} />
          </Button>
        </div>
      ) : (
        <Input min={min} max={max} />
      )}
      {description && (
        <Text slot="description" className="description">
          {description}
        </Text>
      )}
      <FieldError className="fault">
        {({ validationErrors, validationDetails }) =>
          validationDetails.valueMissing ? texts.required : validationErrors.join(" ")
        }
      </FieldError>
    </AriaTextField>
  );
}

function Eye({ crossed }: { crossed: boolean }) {
  return (
    <svg width="20" height="20" viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.8" aria-hidden="true">
      <path d="M2 12s3.6-6.5 10-6.5S22 12 22 12s-3.6 6.5-10 6.5S2 12 2 12Z" />
      <circle cx="12" cy="12" r="2.8" />
      {crossed && <path d="M4 20 20 4" />}
    </svg>
  );
}

interface SelectProps {
  name: string;
  label: string;
  description?: string;
  options: readonly (readonly [value: string, text: string])[];
  defaultValue?: string;
  value?: string;
  onChange?: (value: string) => void;
  isDisabled?: boolean;
}

/** The browser's own choice: it works with every keyboard, screen reader and phone. */
export function Select({ name, label, description, options, onChange, isDisabled, ...more }: SelectProps) {
  const id = `select-${name}`;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        name={name}
        disabled={isDisabled}
        aria-describedby={description ? `${id}-description` : undefined}
        onChange={(event) => onChange?.(event.target.value)}
        {...more}
      >
        {options.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
      {description && (
        <span id={`${id}-description`} className="description">
          {description}
        </span>
      )}
    </div>
  );
}

interface CheckboxProps {
  name?: string;
  value?: string;
  children: ReactNode;
  description?: string;
  isSelected?: boolean;
  defaultSelected?: boolean;
  onChange?: (selected: boolean) => void;
  isDisabled?: boolean;
}

export function Checkbox({ description, ...more }: CheckboxProps) {
  const id = useId();
  if (!description) return <Box {...more} />;
  return (
    <div>
      <Box {...more} aria-describedby={id} />
      <p id={id} className="description of-check">
        {description}
      </p>
    </div>
  );
}

function Box({ children, ...more }: Omit<CheckboxProps, "description"> & { "aria-describedby"?: string }) {
  return (
    <AriaCheckbox {...more} className="check">
      {({ isSelected }) => (
        <>
          <span className="box" aria-hidden="true">
            {isSelected && (
              <svg width="14" height="14" viewBox="0 0 16 16" fill="none" stroke="currentColor" strokeWidth="2.5">
                <path d="m2.5 8.5 3.5 3.5 7.5-8" />
              </svg>
            )}
          </span>
          <span>{children}</span>
        </>
      )}
    </AriaCheckbox>
  );
}

interface CheckboxesProps {
  name: string;
  label: string;
  options: readonly (readonly [value: string, text: ReactNode])[];
  description?: string;
  /** Whether one at least must be chosen. */
  required?: boolean;
  value?: string[];
  defaultValue?: string[];
  onChange?: (values: string[]) => void;
}

export function Checkboxes({ name, label, options, description, required = false, ...more }: CheckboxesProps) {
  const texts = useTexts(common);
  return (
    <AriaCheckboxGroup name={name} isRequired={required} className="field" {...more}>
      <Label className="label">{label}</Label>
      {description && (
        <Text slot="description" className="description">
          {description}
        </Text>
      )}
      <div className="checks">
        {options.map(([value, text]) => (
          <Checkbox key={value} value={value}>
            {text}
          </Checkbox>
        ))}
      </div>
      <FieldError className="fault">
        {({ validationErrors, validationDetails }) =>
          validationDetails.valueMissing ? texts.chooseOne : validationErrors.join(" ")
        }
      </FieldError>
    </AriaCheckboxGroup>
  );
}

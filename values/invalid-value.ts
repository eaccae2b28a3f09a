import { secretShape } from './secret-shape.ts';

const SHOWN_CHARS = 80;

/**
 * A value that breaks its rule.
 *
 * The parts stay apart so that a reader of settings can add file, line and path to them.
 */
export class InvalidValue extends Error {
  /** What the value must be, continuing the words "must be" or "must". */
  readonly rule: string;
  /** The value as given. */
  readonly value: unknown;
  /** What to do instead, when the rule alone does not say it. */
  readonly remedy: string | undefined;

  constructor(value: unknown, rule: string, remedy?: string) {
    super(`must ${rule}, got ${show(value)}${remedy === undefined ? '' : `; ${remedy}`}`);
    this.name = 'InvalidValue';
    this.rule = rule;
    this.value = value;
    this.remedy = remedy;
  }
}

/** Text in which every character shows: none that moves the cursor, turns the direction of writing or has no width. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => {
    const code = (character.codePointAt(0) ?? 0).toString(16);
    return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, '0')}`;
  });
}

/** A value as a message may print it: quoted when text, shortened, and never a credential. */
export function show(value: unknown): string {
  if (typeof value === 'bigint' || typeof value === 'number') return String(value);
  const text = printable(JSON.stringify(value) ?? 'nothing');
  const shape = secretShape(typeof value === 'string' ? value : text);
  if (shape !== undefined) return `${shape} (not shown)`;
  return text.length <= SHOWN_CHARS
    ? text
    : `${text.slice(0, SHOWN_CHARS)}… (${text.length} characters)`;
}

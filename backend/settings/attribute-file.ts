/** A value of a backend file: those that a backend needs, and no expression. */
export type AttributeValue = string | number | boolean;

/** One attribute with its place. */
export interface Attribute {
  /** Its name; one inside an object has that of the object before it, such as `endpoints.s3`. */
  readonly name: string;
  readonly value: AttributeValue;
  /** Counted from 1. */
  readonly line: number;
  readonly column: number;
}

/** What is no attribute, and where. */
export interface AttributeFault {
  readonly line: number;
  readonly column: number;
  /** What must hold, continuing the word "must". */
  readonly rule: string;
}

type Kind = 'name' | 'string' | 'number' | 'sign' | 'newline' | 'end';

interface Token {
  readonly kind: Kind;
  readonly text: string;
  readonly at: number;
}

const LEXEMES: readonly (readonly [Kind | 'blank', RegExp])[] = [
  ['blank', /[ \t\r]+|(?:#|\/\/)[^\n]*|\/\*[\s\S]*?\*\//y],
  ['newline', /\n/y],
  ['name', /[A-Za-z_][\w-]*(?:\.[\w-]+)*/y],
  ['string', /"(?:[^"\\\n]|\\.)*"/y],
  ['number', /-?\d+(?:\.\d+)?/y],
  ['sign', /[={},:]/y],
];
const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  '"': '"',
  '\\': '\\',
};
const WORDS: Readonly<Record<string, boolean>> = { true: true, false: false };

/** Ends the reading: what follows the first fault says nothing certain. */
class Stop extends Error {
  readonly at: number;

  constructor(rule: string, at: number) {
    super(rule);
    this.at = at;
  }
}

/**
 * Reads attributes as HCL has them: `name = value`, a value being text, a number or a boolean, and one level of
 * `name = { … }` or `name { … }`. Templates, functions, lists and references are refused: a backend file needs none.
 */
export function parseAttributes(text: string): readonly Attribute[] | AttributeFault {
  try {
    return new Reader(text).attributes();
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    return { ...placeOf(text, error.at), rule: error.message };
  }
}

class Reader {
  private readonly text: string;
  private readonly tokens: readonly Token[];
  private next = 0;

  constructor(text: string) {
    this.text = text;
    this.tokens = tokensOf(text);
  }

  attributes(): Attribute[] {
    const found: Attribute[] = [];
    for (this.skip('newline'); this.peek().kind !== 'end'; this.skip('newline')) {
      found.push(...this.attribute(''));
      if (!['newline', 'end'].includes(this.peek().kind)) {
        throw new Stop('have one attribute on a line', this.peek().at);
      }
    }
    const twice = found.find(({ name }, index) =>
      found.slice(0, index).some((other) => other.name === name),
    );
    if (twice !== undefined) throw new Stop(`say ${twice.name} once`, offsetOf(this.text, twice));
    return found;
  }

  private attribute(prefix: string): Attribute[] {
    const { kind, text, at } = this.take();
    const quoted = kind === 'string' && prefix !== '';
    const isName = kind === 'name' && !text.includes('.');
    if (!isName && !quoted) throw new Stop('begin with the name of an attribute', at);
    const name = `${prefix}${quoted ? textIn(text, at) : text}`;
    const isBlock = prefix === '' && this.peek().text === '{';
    if (!isBlock) {
      const sign = this.take();
      const signs = prefix === '' ? ['='] : ['=', ':'];
      if (!signs.includes(sign.text)) throw new Stop(`have "=" after ${name}`, sign.at);
    }
    if (this.peek().text === '{') return this.object(name, prefix);
    return [{ name, value: this.value(name), ...placeOf(this.text, at) }];
  }

  private object(name: string, prefix: string): Attribute[] {
    const { at } = this.take();
    if (prefix !== '') throw new Stop('have no object inside of an object', at);
    const found: Attribute[] = [];
    for (this.separate(); this.peek().text !== '}'; this.separate()) {
      if (this.peek().kind === 'end') throw new Stop(`close the "{" of ${name}`, at);
      found.push(...this.attribute(`${name}.`));
      const { kind, text, at: end } = this.peek();
      if (kind !== 'newline' && kind !== 'end' && ![',', '}'].includes(text)) {
        throw new Stop('have a comma or a new line between two attributes', end);
      }
    }
    this.take();
    return found;
  }

  private value(name: string): AttributeValue {
    const { kind, text, at } = this.take();
    if (kind === 'string') return textIn(text, at);
    if (kind === 'number') return Number(text);
    const word = kind === 'name' ? WORDS[text] : undefined;
    if (word !== undefined) return word;
    throw new Stop(`give ${name} text in quotes, a number, true or false`, at);
  }

  private separate(): void {
    while (this.peek().kind === 'newline' || this.peek().text === ',') this.next += 1;
  }

  private skip(kind: Kind): void {
    while (this.peek().kind === kind) this.next += 1;
  }

  private peek(): Token {
    return this.tokens[this.next] ?? { kind: 'end', text: '', at: this.text.length };
  }

  private take(): Token {
    const token = this.peek();
    this.next += 1;
    return token;
  }
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const token = tokenAt(text, at);
    if (token.kind !== 'blank') tokens.push({ kind: token.kind, text: token.text, at });
    at += token.text.length;
  }
  return tokens;
}

function tokenAt(text: string, at: number): { kind: Kind | 'blank'; text: string } {
  for (const [kind, pattern] of LEXEMES) {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) return { kind, text: found };
  }
  throw new Stop(
    text[at] === '"'
      ? 'close a quote on its own line'
      : 'hold attributes only: name = value, or name = { … }',
    at,
  );
}

/** What a quoted text says. The text itself is not shown in a fault: it may be a key. */
function textIn(quoted: string, at: number): string {
  const inner = quoted.slice(1, -1);
  if (/[$%]\{/.test(inner)) throw new Stop('hold no template: write the value out', at);
  return inner.replaceAll(/\\(u([0-9a-fA-F]{4})|.)/g, (_, letter: string, hex?: string) => {
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    const meant = ESCAPES[letter];
    if (meant === undefined) throw new Stop(`hold no "\\${letter}", which means nothing`, at);
    return meant;
  });
}

function placeOf(text: string, at: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, at).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

function offsetOf(text: string, { line, column }: Attribute): number {
  const lines = text.split('\n').slice(0, line - 1);
  return lines.reduce((sum, { length }) => sum + length + 1, 0) + column - 1;
}

import type { StoreAnswer } from './store-client.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  apos: "'",
  gt: '>',
  lt: '<',
  quot: '"',
};

/** The texts of the innermost elements of that name in an answer, in their order. S3 answers without attributes there. */
export function textsIn({ body }: Pick<StoreAnswer, 'body'>, name: string): string[] {
  const pattern = new RegExp(`<${name}>([^<]*)</${name}>`, 'g');
  return [...body.toString('utf8').matchAll(pattern)].map(([, text = '']) => unescaped(text));
}

/** The word by which a store says what went wrong; empty where it says none, as in an answer to HEAD. */
export function errorCodeOf(answer: Pick<StoreAnswer, 'body'>): string {
  return textsIn(answer, 'Code')[0] ?? '';
}

/** An answer that is none of the expected ones, in short: `403 AccessDenied`. */
export function statusText(answer: StoreAnswer): string {
  return `${answer.status} ${errorCodeOf(answer)}`.trim();
}

function unescaped(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) => {
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    return ENTITIES[name] ?? whole;
  });
}

/** Text as it stands in XML. */
export function escapedXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

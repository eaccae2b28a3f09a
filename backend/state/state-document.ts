import { sha256 } from '../store/signature.ts';

/** What a state says of itself in clear, whether it is encrypted or not. */
export interface StateFacts {
  readonly lineage: string;
  /** Rises with every change. */
  readonly serial: number;
  /** SHA-256 of the bytes, in hexadecimal digits. */
  readonly hash: string;
  /** Instances of resources; undefined where the state is encrypted. */
  readonly instances: number | undefined;
  readonly encrypted: boolean;
}

/** Bytes that are no state, and why. */
export interface NoState {
  readonly fault:
    | 'empty'
    | 'html'
    | 'incomplete'
    | 'not-json'
    | 'other-version'
    | 'xml'
    | 'no-state';
  /** For people: continues "the body ". */
  readonly because: string;
}

const VERSION = 4;

/** Reads a state: version 4 of it, or the envelope of OpenTofu's encryption, whose lineage and serial are in clear. */
export function readState(bytes: Uint8Array): NoState | StateFacts {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  const parsed = parse(text);
  if ('fault' in parsed) return parsed;
  const { value } = parsed;
  const { lineage, serial } = value;
  if (typeof lineage !== 'string' || lineage === '') return noState('names no lineage');
  if (typeof serial !== 'number' || !Number.isSafeInteger(serial) || serial < 0)
    return noState('names no serial');
  const facts = { lineage, serial, hash: sha256(bytes) };
  if (isEnvelope(value)) return { ...facts, instances: undefined, encrypted: true };
  if (value.version !== VERSION) {
    const because = `is a state of version ${String(value.version)}, not ${VERSION}`;
    return { fault: 'other-version', because };
  }
  if (!Array.isArray(value.resources)) return noState('lists no resources');
  return { ...facts, instances: instancesIn(value.resources), encrypted: false };
}

/** True for bytes that are a state. */
export function isState(read: NoState | StateFacts): read is StateFacts {
  return 'lineage' in read;
}

type Parsed = NoState | { readonly value: Readonly<Record<string, unknown>> };

function parse(text: string): Parsed {
  const start = text.trimStart().slice(0, 200).toLowerCase();
  if (start === '') return { fault: 'empty', because: 'is empty' };
  if (/^<(!doctype )?html/.test(start)) return { fault: 'html', because: 'is a page of HTML' };
  if (start.startsWith('<')) return { fault: 'xml', because: 'is XML' };
  try {
    const value: unknown = JSON.parse(text);
    if (isRecord(value)) return { value };
    return noState('is JSON, but no object');
  } catch {
    // The message of the parser quotes the text, which may hold secrets.
    const isCut = start.startsWith('{') && !text.trimEnd().endsWith('}');
    return isCut
      ? { fault: 'incomplete', because: 'ends before the JSON in it does' }
      : { fault: 'not-json', because: 'is not JSON' };
  }
}

function isEnvelope(value: Readonly<Record<string, unknown>>): boolean {
  return typeof value.encrypted_data === 'string' && typeof value.encryption_version === 'string';
}

function instancesIn(resources: readonly unknown[]): number {
  return resources
    .filter(isRecord)
    .map(({ instances }) => (Array.isArray(instances) ? instances.length : 0))
    .reduce((sum, count) => sum + count, 0);
}

function noState(because: string): NoState {
  return { fault: 'no-state', because };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

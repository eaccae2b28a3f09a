import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { gunzipSync, inflateRawSync } from 'node:zlib';

/** A text that must not be anywhere, by the name under which it is reported. */
export type Needles = Readonly<Record<string, string>>;

/** Where something was found: `file: name (encoding)`. */
export function findHidden(folder: string, needles: Needles): string[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return files
    .flatMap((file) => {
      const found = findInBytes(readFileSync(file), needles);
      return found.map((what) => `${relative(folder, file)}: ${what}`);
    })
    .sort();
}

/** Finds texts in bytes: as they are, in other encodings, and in what is packed inside. */
export function findInBytes(bytes: Buffer, needles: Needles): string[] {
  const found = [bytes, ...unpacked(bytes)].flatMap((part) =>
    Object.entries(needles).flatMap(([name, text]) =>
      encodingsOf(text).flatMap(([encoding, encoded]) =>
        part.includes(encoded) ? [`${name} (${encoding})`] : [],
      ),
    ),
  );
  return [...new Set(found)];
}

function encodingsOf(text: string): [encoding: string, encoded: string][] {
  const base64 = [0, 1, 2].map((shift) => insideBase64(text, shift));
  const percent = encodeURIComponent(text);
  const lower = percent.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
  const hex = Buffer.from(text).toString('hex');
  const all: [string, string][] = [
    ['as it is', text],
    ...base64.map((encoded): [string, string] => ['base64', encoded]),
    ...base64.map((encoded): [string, string] => [
      'base64url',
      encoded.replaceAll('+', '-').replaceAll('/', '_'),
    ]),
    ['URL-encoded', percent],
    ['URL-encoded', lower],
    ['hex', hex],
    ['hex', hex.toUpperCase()],
    ['JSON', JSON.stringify(text).slice(1, -1)],
  ];
  // An encoding that changes nothing is no other one.
  return all.filter(
    ([, encoded], index) => all.findIndex(([, earlier]) => earlier === encoded) === index,
  );
}

/** What base64 makes of a text that stands somewhere inside: only the letters that its neighbours do not change. */
function insideBase64(text: string, shift: number): string {
  const Byte = 8;
  const Sextet = 6;
  const encoded = Buffer.concat([Buffer.alloc(shift), Buffer.from(text)]).toString('base64');
  const first = Math.ceil((shift * Byte) / Sextet);
  const last = Math.floor(((shift + Buffer.byteLength(text)) * Byte) / Sextet);
  return encoded.slice(first, last);
}

const ENTRY = Buffer.from('PK\u0001\u0002', 'latin1');
const GZIP = Buffer.from([0x1f, 0x8b]);

/** The files inside an archive (a plan file is one), and what is compressed. */
function unpacked(bytes: Buffer): Buffer[] {
  if (bytes.subarray(0, 2).equals(GZIP)) return [gunzipSync(bytes)];
  if (!bytes.subarray(0, 2).equals(ENTRY.subarray(0, 2))) return [];
  const parts: Buffer[] = [];
  for (let at = bytes.indexOf(ENTRY); at >= 0; at = bytes.indexOf(ENTRY, at + ENTRY.length)) {
    const method = bytes.readUInt16LE(at + 10);
    const size = bytes.readUInt32LE(at + 20);
    const local = bytes.readUInt32LE(at + 42);
    const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const packed = bytes.subarray(start, start + size);
    parts.push(method === 0 ? packed : inflateRawSync(packed));
  }
  return parts;
}

import { randomBytes } from 'node:crypto';

const ID_LENGTH = 20;
const SECRET_LENGTH = 40;
const CAPITALS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** A new access identity: as long as those of AWS, without the characters that some programs read as separators. */
export function makeIdentity(): Record<'access-key-id' | 'secret-access-key', string> {
  return {
    'access-key-id': [...randomBytes(ID_LENGTH)]
      .map((byte) => CAPITALS[byte % CAPITALS.length])
      .join(''),
    'secret-access-key': randomBytes(SECRET_LENGTH)
      .toString('base64')
      .replace(/[^A-Za-z0-9]/g, '')
      .slice(0, SECRET_LENGTH),
  };
}

/** The pair as the credentials file of AWS, for programs that read no other form. */
export function credentialsFile(id: string, secret: string): string {
  return `[default]\naws_access_key_id = ${id}\naws_secret_access_key = ${secret}\n`;
}

/** What is wrong with a credentials file, given the pair that it should hold. */
export function fileProblem(text: string, id: string, secret: string): string | undefined {
  const lines = text.split('\n').map((line) => line.trim());
  if (!lines.includes('[default]')) return 'has no profile [default]';
  const entries = new Map(
    lines.flatMap((line) => {
      const [, name, value] = /^(\w+)\s*=\s*(.*)$/.exec(line) ?? [];
      return name === undefined || value === undefined ? [] : [[name, value] as const];
    }),
  );
  const agrees =
    entries.get('aws_access_key_id') === id && entries.get('aws_secret_access_key') === secret;
  return agrees ? undefined : 'holds another pair than the two keys beside it';
}

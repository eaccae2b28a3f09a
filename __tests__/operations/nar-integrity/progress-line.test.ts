import { expect, test } from 'vitest';
import { narIntegrity } from '../../../operations/nar-integrity/command.ts';
import { ProgressLine } from '../../../operations/nar-integrity/progress-line.ts';
import { MADE_KEY, makePath, serveCache } from './made-cache.ts';

const CLEAR = '\r\u001b[K';

test('the progress of a check is one line on a terminal, no longer than it, and gone at the end', () => {
  const drawn: string[] = [];
  const line = new ProgressLine(2, { columns: 24, write: (text) => void drawn.push(text) });
  line.arrived(3 * 2 ** 20);
  line.pathDone();
  line.end();
  expect(drawn).toEqual([`${CLEAR}1 of 2 paths, 3.0 MiB r`, CLEAR]);
});

test('the progress of a check is drawn while bodies are read, before anything is printed', async () => {
  const path = makePath();
  const server = await serveCache([path]);
  const seen: string[] = [];
  const printer = { result: (text: string) => void seen.push(text), problem: () => {} };
  const terminal = { columns: 80, write: (text: string) => void seen.push(text) };
  const args = [
    '--store-hash',
    path.hash,
    '--endpoint',
    `http://${server.authority}`,
    '--trusted-key',
    MADE_KEY,
  ];
  await narIntegrity(args, printer, {}, { terminal });
  await server.close();
  expect(seen.slice(0, 3)).toEqual([`${CLEAR}1 of 1 paths, 0.0 MiB read, 0 s`, CLEAR, path.hash]);
});

import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { serve } from '../../../backend/lying-store/command.ts';
import { LIES } from '../../../backend/lying-store/lies.ts';
import { StoreClient } from '../../../backend/store/store-client.ts';
import { EXIT } from '../../../console/exit-code.ts';
import { listenAnywhere } from '../../../operations/rehearsal/ports.ts';

/** Serves until what is done meanwhile is done, and gives back what was printed. */
async function during(args: readonly string[], work: (lines: readonly string[]) => Promise<void>) {
  const lines: string[] = [];
  const ending = new AbortController();
  let isReady: () => void = () => {};
  const ready = new Promise<void>((resolve) => {
    isReady = resolve;
  });
  const printer = {
    result: (line: string) => {
      lines.push(line);
      if (line.includes('Ctrl-C')) isReady();
    },
    problem: () => {},
  };
  const served = serve(args, printer, ending.signal);
  try {
    await Promise.race([ready, served]);
    await work(lines);
  } finally {
    ending.abort();
  }
  return { code: await served, lines };
}

function exportsIn(lines: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    lines.flatMap((line) => {
      const [, name, value] = /^ {2}export TOFU_BACKEND_S3_(\w+)=(.*)$/.exec(line) ?? [];
      return name === undefined || value === undefined ? [] : [[name, value]];
    }),
  );
}

function clientOf(lines: readonly string[]): StoreClient {
  const { ENDPOINT, BUCKET, REGION, ACCESS_KEY_ID, SECRET_ACCESS_KEY } = exportsIn(lines);
  return new StoreClient({
    endpoint: ENDPOINT ?? '',
    bucket: BUCKET ?? '',
    region: REGION ?? '',
    pathStyle: true,
    keys: { accessKeyId: ACCESS_KEY_ID ?? '', secretAccessKey: SECRET_ACCESS_KEY ?? '' },
  });
}

describe('flywheel store serve', () => {
  test('prints what the backend reads, says how it lies, and lies', async () => {
    const { code, lines } = await during(
      ['--lie', 'write-dropped', '--lie', 'lock-lost', '--seed', '7'],
      async (printed) => {
        const client = clientOf(printed);
        const wrote = await client.send({ method: 'PUT', key: 'k', body: Buffer.from('x') });
        const read = await client.send({ method: 'GET', key: 'k' });
        client.close();
        expect([wrote.status, read.status]).toEqual([200, 404]);
      },
    );
    expect(code).toBe(EXIT.interrupted);
    const { ENDPOINT } = exportsIn(lines);
    expect(lines.map((line) => line.replaceAll(/(KEY_?I?D?)=\S+/g, '$1=…'))).toEqual([
      `a store that lies is at ${ENDPOINT}, with seed 7`,
      '  write-dropped: it says of every write of a state that it was kept, and keeps none',
      '    begins at once, stops never',
      '  lock-lost: it says of a lock that it was taken, and keeps none',
      '    begins at once, stops never',
      `  export TOFU_BACKEND_S3_ENDPOINT=${ENDPOINT}`,
      '  export TOFU_BACKEND_S3_BUCKET=tofu-state',
      '  export TOFU_BACKEND_S3_REGION=us-east-1',
      '  export TOFU_BACKEND_S3_ACCESS_KEY_ID=…',
      '  export TOFU_BACKEND_S3_SECRET_ACCESS_KEY=…',
      '  export TOFU_BACKEND_S3_PATH_STYLE=true',
      '  what it holds is in memory; end it with Ctrl-C',
    ]);
  });

  test('is honest without a lie, and has every bucket of the settings', async () => {
    const { lines } = await during([], async (printed) => {
      const client = clientOf(printed);
      const { body } = await client.send({ method: 'GET', bucket: '' });
      client.close();
      const names = [...body.toString().matchAll(/<Name>([^<]*)/g)].map(([, name]) => name);
      expect(names).toEqual(['attic', 'bazel-cache', 'tofu-state']);
    });
    expect(lines[0]).toMatch(/^an honest store is at http:\/\/127\.0\.0\.1:\d+, with seed 1$/);
  });

  test('says of every lie what it does, when it begins and stops, and where it comes from', async () => {
    const lines: string[] = [];
    const printer = { result: (line: string) => void lines.push(line), problem: () => {} };
    expect(await serve(['--list'], printer)).toBe(EXIT.good);
    expect(lines).toHaveLength(LIES.length + 1);
    expect(lines[0]).toMatch(/^kind +lie +the store +begins +stops +from$/);
    for (const { name } of LIES) {
      expect(lines.filter((line) => line.split(/ +/)[1] === name)).toHaveLength(1);
    }
  });

  test('names everything that is wrong at once', async () => {
    const words = ['--lie', 'hiden-key', '--seed', 'x', '--port', '0', '--latency', 'slow'];
    const failure = { exitCode: EXIT.usage };
    const printer = { result: () => {}, problem: () => {} };
    const refused = serve(words, printer, new AbortController().signal);
    await expect(refused).rejects.toMatchObject(failure);
    await expect(refused).rejects.toThrow(
      [
        'there is no lie hiden-key: did you mean hidden-key?',
        '    flywheel store serve --list shows all',
        '--seed must be a whole number from 0 to 4294967295, got: x',
        '--port must be a number from 1 to 65535, got: 0',
        '--latency must be a whole number from 0 to 60000 milliseconds, got: slow',
      ].join('\n'),
    );
  });

  test('says that its port is taken', async () => {
    const server = createServer();
    const { port } = await listenAnywhere(server);
    try {
      const printer = { result: () => {}, problem: () => {} };
      await expect(
        serve(['--port', `${port}`], printer, new AbortController().signal),
      ).rejects.toThrow(`cannot listen on port ${port} of 127.0.0.1: EADDRINUSE`);
    } finally {
      server.close();
    }
  });
});

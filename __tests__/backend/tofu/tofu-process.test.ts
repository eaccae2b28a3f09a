import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TofuEvent } from '../../../backend/tofu/event-tail.ts';
import { eventsIn } from '../../../backend/tofu/event-tail.ts';
import { runToEnd, type TofuProcess } from '../../../backend/tofu/tofu-process.ts';
import { Failure } from '../../../console/failure.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flywheel-process-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A program in place of tofu, with what a test wants of it. */
function run(script: string, more: Partial<TofuProcess> = {}) {
  const said: string[] = [];
  const end = runToEnd({
    tofu: '/bin/sh',
    folder,
    args: ['-c', script],
    environment: { PATH: '/usr/bin:/bin' },
    deadlineMs: 20_000,
    onEnd: (sentence) => said.push(sentence),
    ...more,
  });
  return { end, said };
}

async function appears(name: string): Promise<void> {
  while (!existsSync(join(folder, name))) await pause(5);
}

const interrupt = () => process.kill(process.pid, 'SIGINT');

describe('a tofu that is run', () => {
  test('is heard line by line, also where it ends without a line break', async () => {
    const lines: string[] = [];
    const { end } = run('printf "one\\ntwo\\n"; printf err >&2', {
      onLine: (line, stream) => lines.push(`${stream}: ${line}`),
    });
    expect(await end).toEqual({
      code: 0,
      stdout: 'one\ntwo\n',
      stderr: 'err',
      interrupted: false,
      late: false,
    });
    expect(lines.toSorted()).toEqual(['stderr: err', 'stdout: one', 'stdout: two']);
  });

  test('may print one line of many megabytes', async () => {
    const sizes: number[] = [];
    const { end } = run('head -c 50000000 /dev/zero | tr "\\0" x; echo; echo end', {
      onLine: (line) => sizes.push(line.length),
    });
    expect((await end).code).toBe(0);
    expect(sizes).toEqual([50_000_000, 3]);
  });

  test('reads nothing of the terminal', async () => {
    expect((await run('cat; echo done').end).stdout).toBe('done\n');
  });

  test('that is not there is an error', async () => {
    await expect(run('', { tofu: '/nowhere/tofu' }).end).rejects.toThrow('ENOENT');
  });

  test('does not wait for what it has left in the background', async () => {
    const { end } = run('sleep 3 & exit 0');
    expect((await end).code).toBe(0);
  });
});

describe('an interruption', () => {
  const patient =
    'trap "echo ended > graceful; exit 1" INT; touch begun; while :; do sleep 0.05; done';

  test('is passed on once, and what listened to it before hears it again afterwards', async () => {
    let heard = 0;
    const listener = () => {
      heard += 1;
    };
    process.on('SIGINT', listener);
    const { end, said } = run(patient);
    await appears('begun');
    interrupt();
    expect(await end).toMatchObject({ code: 1, interrupted: true });
    expect(existsSync(join(folder, 'graceful'))).toBe(true);
    expect(said).toEqual([expect.stringMatching(/^interrupted: /)]);
    expect(heard).toBe(0);
    expect(process.rawListeners('SIGINT')).toContain(listener);
    process.removeListener('SIGINT', listener);
  });

  test('given twice kills it, with everything that it has started', async () => {
    const { end, said } = run(
      'trap "" INT; (trap "" INT; touch child; sleep 0.4; touch survived) & touch begun; wait; sleep 60',
    );
    await appears('begun');
    await appears('child');
    interrupt();
    while (said.length === 0) await pause(5);
    interrupt();
    expect(await end).toMatchObject({ code: undefined, interrupted: true });
    expect(said.at(-1)).toMatch(/^killed: /);
    await pause(600);
    expect(existsSync(join(folder, 'survived'))).toBe(false);
  });
});

describe('a deadline', () => {
  test('asks it to end', async () => {
    const { end, said } = run('trap "exit 1" TERM; while :; do sleep 0.05; done', {
      deadlineMs: 100,
    });
    expect(await end).toMatchObject({ code: 1, late: true, interrupted: false });
    expect(said).toEqual(['not done after 0 s: tofu is asked to end, and killed in 60 s']);
  });

  test('kills it when it does not', async () => {
    const { end } = run('trap "" TERM; while :; do sleep 0.05; done', {
      deadlineMs: 50,
      graceMs: 50,
    });
    expect(await end).toMatchObject({ code: undefined, late: true });
  });
});

describe('its events', () => {
  const script = (file: string) =>
    `printf '{"type":"version"}\\n{"type":"apply_st' >> ${file}; sleep 0.1; printf 'art"}\\nwords\\n{"type":"half' >> ${file}`;

  test('are taken while it runs and to the end, whole lines only', async () => {
    const file = join(folder, 'events');
    const taken: TofuEvent[] = [];
    const { end } = run(script(file), { events: { file, take: (event) => taken.push(event) } });
    await end;
    expect(taken).toEqual([{ type: 'version' }, { type: 'apply_start' }]);
  });

  test('are taken also when there are very many', async () => {
    const file = join(folder, 'events');
    writeFileSync(file, '{"type":"refresh_complete"}\n'.repeat(20_000));
    let count = 0;
    await run('true', {
      events: {
        file,
        take: () => {
          count += 1;
        },
      },
    }).end;
    expect(count).toBe(20_000);
  });

  test('that cannot be taken interrupt it: nothing is made that nobody remembers', async () => {
    const file = join(folder, 'events');
    const take = () => {
      throw new Failure('the disk is full');
    };
    const { end, said } = run(
      `echo '{"type":"apply_start"}' > ${file}; trap "exit 1" INT; while :; do sleep 0.05; done`,
      { events: { file, take } },
    );
    await expect(end).rejects.toThrow('the disk is full');
    expect(said).toEqual(['what tofu does cannot be kept: tofu is interrupted']);
  });

  test('of a run that is over are read as far as they are whole', () => {
    expect(eventsIn('{"a":1}\nwords\n{"b":2}\n{"c":')).toEqual([{ a: 1 }, { b: 2 }]);
  });
});

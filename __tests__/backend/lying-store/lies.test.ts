import { describe, expect, test } from 'vitest';
import { spanText } from '../../../backend/lying-store/lie.ts';
import { LIES, lieNamed, liesNamed } from '../../../backend/lying-store/lies.ts';
import { EXIT } from '../../../console/exit-code.ts';
import { Failure } from '../../../console/failure.ts';
import { Bench } from './bench.ts';
import { TOLD_LIES } from './told-lies.ts';

/** What an honest store does, whatever it was made to do before. */
const PROBE = [
  'PUT 9',
  'HEAD',
  'GET',
  'LOCK z',
  'READ-LOCK',
  'LOCK y',
  'UNLOCK',
  'READ-LOCK',
  'LIST',
  'VERSIONING',
  'HEAD-BUCKET',
  'BUCKETS',
];

function refusalOf(run: () => unknown): Failure {
  try {
    run();
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('the lies', () => {
  test('are at least sixty, each with a name of its own and a description', () => {
    expect(LIES.length).toBeGreaterThanOrEqual(60);
    expect(new Set(LIES.map(({ name }) => name)).size).toBe(LIES.length);
    for (const { name, does, origin } of LIES) {
      expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      expect(does).toMatch(/^[a-z].*[^.]$/);
      expect(origin.length).toBeGreaterThan(8);
    }
  });

  test('are all told here', () => {
    expect(TOLD_LIES.map(({ kind, name }) => `${kind} ${name}`)).toEqual(
      LIES.map(({ kind, name }) => `${kind} ${name}`),
    );
  });

  test.each(TOLD_LIES)(
    '$name is told as it is described, and not before or after',
    async (told) => {
      const { name, asks, answers } = told;
      const lie = lieNamed(name);
      const honest = await Bench.withThreeStates();
      const lying = await Bench.withThreeStates();
      expect(await lying.askAll(['HEAD', 'GET'])).toEqual(await honest.askAll(['HEAD', 'GET']));
      expect(lying.store.lied).toBe(0);

      lying.lie(lie);
      expect(await lying.askAll(asks)).toEqual(answers);
      expect(lying.store.lied).toBeGreaterThan(0);
      expect(await honest.askAll(asks)).not.toEqual(answers);

      const { times, lastsMs } = lie.span ?? {};
      for (const bench of [lying, honest]) await bench.restore();
      if (times === undefined && lastsMs === undefined) {
        expect(await lying.askAll(asks)).not.toEqual(await honest.askAll(asks));
        lying.store.cease();
        for (const bench of [lying, honest]) await bench.restore();
      }
      expect(await lying.askAll(PROBE)).toEqual(await honest.askAll(PROBE));
    },
  );

  test('that wait for a state do not begin under the lock that it is written with', async () => {
    const bench = Bench.empty();
    bench.lie(lieNamed('hidden-key'));
    expect(await bench.askAll(['GET', 'LOCK a', 'PUT 1', 'GET', 'UNLOCK', 'GET'])).toEqual([
      '404 NoSuchKey',
      '200',
      '200 etag of 1',
      '200 serial 1 etag of 1',
      '204',
      '404 NoSuchKey',
    ]);
  });

  test('that need an older state wait for the second one', async () => {
    const bench = Bench.empty();
    bench.lie(lieNamed('older-state'));
    const heard = await bench.askAll(['PUT 1', 'GET', 'PUT 2', 'GET']);
    expect(heard[1]).toBe('200 serial 1 etag of 1');
    expect(heard[3]).toBe('200 serial 1 etag of 1');
  });

  test('are told together, each over those after it', async () => {
    const bench = await Bench.withThreeStates();
    bench.lie(...liesNamed(['older-state', 'kept-but-cut', 'lock-lost']));
    expect(await bench.askAll(['LOCK a', 'READ-LOCK', 'GET', 'PUT 4', 'GET'])).toEqual([
      '200',
      '404 NoSuchKey',
      '200 serial 2 etag of 2',
      'cut',
      '200 serial 3 etag of 3',
    ]);
  });

  test('make the same choices with the same seed, and others with another', async () => {
    const heard = await Promise.all(
      [7, 7, 8].map(async (seed) => {
        const bench = await Bench.withThreeStates(seed);
        bench.lie(lieNamed('one-byte-changed'));
        return await bench.body();
      }),
    );
    expect(heard[0]).toBe(heard[1]);
    expect(heard[0]).not.toBe(heard[2]);
  });

  test('say when they begin and when they stop', () => {
    expect(spanText(lieNamed('hidden-key'))).toEqual({
      begins: 'when a state was written and unlocked',
      stops: 'never',
    });
    expect(spanText(lieNamed('older-state')).begins).toBe(
      'when a state was written twice and unlocked',
    );
    expect(spanText(lieNamed('reset-once'))).toEqual({
      begins: 'at once',
      stops: 'after one request',
    });
    expect(spanText(lieNamed('not-ready-yet')).stops).toBe('after 3 requests');
    expect(spanText(lieNamed('refused')).stops).toBe('after 2 s');
  });

  test('are found by their names, and every wrong name is answered with the nearest', () => {
    expect(lieNamed('write-dropped').kind).toBe('writing');
    const { message, exitCode } = refusalOf(() => liesNamed(['hiden-key', 'slow', 'lock-lots']));
    expect(message).toBe(
      'there is no lie hiden-key: did you mean hidden-key?\nthere is no lie lock-lots: did you mean lock-lost?\n    flywheel store serve --list shows all',
    );
    expect(exitCode).toBe(EXIT.usage);
  });
});

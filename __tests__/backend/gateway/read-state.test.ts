import { describe, expect, test } from 'vitest';
import type { Declaration } from '../../../backend/gateway/gateway-options.ts';
import { isState, readState } from '../../../backend/state/state-document.ts';
import { markOf } from '../../../backend/witness/state-mark.ts';
import { figure } from '../../support/long.ts';
import { Scene, STATE, stateBytes } from './tofu-requests.ts';

/** What is found when a store lies to the first reading of a run. */
const CAUGHT: Readonly<Record<string, string>> = {
  'hidden-key': 'state-hidden',
  'hidden-key-once': 'state-hidden',
  'hidden-to-get': 'state-hidden',
  'hidden-bucket': 'bucket-hidden',
  'hidden-by-a-marker': 'state-hidden',
  'flapping-key': 'state-hidden',
  'archived-state': 'store-refuses',
  'not-modified': 'store-fails',
  'older-state': 'state-rolled-back',
  'first-state': 'state-rolled-back',
  'other-lineage': 'state-other-lineage',
  'forked-state': 'state-forked',
  'emptied-state': 'state-forked',
  'emptied-later-state': 'state-emptied',
  'version-3-state': 'state-other-version',
  'zero-body': 'state-empty',
  'truncated-state': 'state-incomplete',
  'trailing-bytes': 'state-not-json',
  'compressed-state': 'state-not-json',
  'html-page': 'state-not-json',
  'xml-error-with-200': 'state-not-json',
  'partial-content': 'store-fails',
  'declared-longer': 'store-cuts',
  'cut-in-the-state': 'store-cuts',
  'read-hangs': 'store-hangs',
  'read-fails': 'store-fails',
  'read-unavailable': 'store-fails',
  'read-denied': 'store-refuses',
  refused: 'store-unreachable',
  'tls-broken': 'store-tls',
  redirected: 'store-redirects',
  'clock-skewed': 'store-clock',
  'signature-refused': 'store-refuses',
};

/** What does no harm, because HEAD is never asked, or because another attempt is answered. */
const HARMLESS = ['hidden-to-head', 'head-of-older', 'no-etag', 'cut-once', 'read-fails-once'];

describe('a reading of the state', () => {
  test.each(Object.entries(CAUGHT))(
    'of a store that lies (%s) is refused: %s (S9)',
    async (lie, code) => {
      const scene = await new Scene().withState();
      scene.lie(lie);
      const run = await scene.run();
      const { status, body } = await run.read();
      expect(status).toBe(403);
      expect(body).toHaveLength(0);
      expect(run.codes).toEqual([code]);
      expect(scene.witness.marks.get(STATE.stack)?.serial).toBe(7);
    },
  );

  test.each(HARMLESS)('does no harm through %s', async (lie) => {
    const scene = await new Scene().withState();
    scene.lie(lie);
    const run = await scene.run();
    expect((await run.read()).body).toEqual(stateBytes(7, { instances: 2 }));
    expect(run.codes).toEqual([]);
  });

  test('says what the store did, what was expected and what to do', async () => {
    const scene = await new Scene().withState();
    scene.lie('older-state');
    const run = await scene.run();
    const answer = await run.send({ method: 'GET', key: STATE.key });
    const mark = scene.witness.marks.get(STATE.stack);
    expect(run.session.findings).toEqual([
      {
        code: 'state-rolled-back',
        request: 'GET tofu-state/arc-runners/terraform.tfstate',
        did: expect.stringMatching(
          /^answered with an older state: serial 6 of lineage one \(sha256 [0-9a-f]{12}\)$/,
        ),
        expected: expect.stringMatching(
          `^serial 7 of lineage one \\(sha256 ${mark?.hash.slice(0, 12)}\\), proved at ${mark?.at} by tester@here$`,
        ),
        remedy:
          'apply nothing; find out who has put the store back; if the state that is there is the right one: just tofu-state-accept arc-runners',
        exitCode: 2,
      },
    ]);
    expect(answer.body.toString()).toMatch(
      /<Code>StateRolledBack<\/Code><Message>the store answered with an older state/,
    );
  });

  test('answers HEAD and GET from one whole reading', async () => {
    const run = await (await new Scene().withState()).run();
    const head = await run.send({ method: 'HEAD', key: STATE.key });
    const get = await run.send({ method: 'GET', key: STATE.key });
    expect(head).toEqual({ ...get, body: Buffer.alloc(0) });
    expect(get.headers['content-length']).toBe(String(get.body.length));
    expect(run.asked).toEqual(['GET tofu-state/state']);
  });

  test('is made anew under a lock, together with reading that back', async () => {
    const scene = await new Scene().withState();
    const run = await scene.run();
    await run.read();
    await run.lock();
    await run.read();
    expect(run.asked).toEqual([
      'GET tofu-state/state',
      'GET tofu-state/lock',
      'PUT tofu-state/lock',
      ...['GET tofu-state/state', 'GET tofu-state/lock'],
    ]);
  });

  test('takes over what somebody else has applied, and brings the witness up', async () => {
    const scene = await new Scene().withState();
    scene.plant(stateBytes(9));
    const run = await scene.run();
    expect((await run.read()).body).toEqual(stateBytes(9));
    expect(run.codes).toEqual([]);
    expect(scene.witness.marks.get(STATE.stack)?.serial).toBe(9);
  });

  test('goes on with a witness that cannot be written, and says so', async () => {
    const scene = await new Scene().withState();
    scene.plant(stateBytes(9));
    scene.witness.readOnly = 'the disk is full';
    const run = await scene.run();
    expect((await run.read()).status).toBe(200);
    expect(run.codes).toEqual([]);
    expect(run.session.notes).toEqual([
      'the witness could not be brought up to serial 9: the disk is full',
    ]);
  });

  test.each([
    { shown: 9, codes: [] },
    { shown: 8, codes: ['state-rolled-back'] },
  ])(
    'reads again where another run has proved a later state meanwhile, and is shown $shown',
    async ({ shown, codes }) => {
      const scene = await new Scene().withState();
      scene.plant(stateBytes(8));
      const later = isFacts(stateBytes(9));
      let readings = 0;
      const run = await scene.run({
        observe: () => {
          readings += 1;
          if (readings === 2) scene.plant(stateBytes(shown));
        },
      });
      await scene.witness.advance(STATE.stack, markOf(later, 'another run'));
      await run.read();
      expect(readings).toBe(2);
      expect(run.codes).toEqual(codes);
      expect(scene.witness.marks.get(STATE.stack)?.serial).toBe(9);
    },
  );

  test('finds a state that changes under our own lock', async () => {
    const scene = await new Scene().withState();
    const run = await scene.run();
    await run.lock();
    await run.read();
    await run.write(stateBytes(8));
    scene.plant(stateBytes(9));
    expect((await run.read()).status).toBe(403);
    expect(run.codes).toEqual(['state-moved']);
  });

  test('names the stack whose state it is', async () => {
    const scene = await new Scene().withState();
    const foreign = stateBytes(3, { lineage: 'two' });
    await scene.witness.advance('attic', markOf(isFacts(foreign), 'somebody'));
    scene.plant(foreign);
    const run = await scene.run();
    expect((await run.read()).status).toBe(403);
    expect(run.session.findings).toMatchObject([
      { code: 'state-foreign', did: expect.stringMatching(/is that of attic$/) },
    ]);
  });

  test('finds a checksum of the store that is not that of the bytes', async () => {
    const scene = await new Scene().withState();
    const truth = scene.truth;
    const store = {
      send: async (request: Parameters<typeof truth.send>[0]) => {
        const answer = await truth.send(request);
        return { ...answer, headers: { ...answer.headers, 'x-amz-checksum-crc32': 'AAAAAA==' } };
      },
    };
    const run = await scene.run({ store });
    expect((await run.read()).status).toBe(403);
    expect(run.codes).toEqual(['state-wrong-checksum']);
  });

  test.each([
    '[]',
    '{"version":4,"serial":8,"resources":[]}',
    '{"version":4,"serial":-1,"lineage":"one","resources":[]}',
  ])('finds JSON that is no state: %s', async (text) => {
    const scene = await new Scene().withState();
    scene.plant(Buffer.from(text));
    const run = await scene.run();
    expect((await run.read()).status).toBe(403);
    expect(run.codes).toEqual(['state-not-a-state']);
  });

  test('judges an encrypted state by what it says in clear', async () => {
    const scene = await new Scene().withState();
    const envelope = (serial: number) =>
      Buffer.from(
        JSON.stringify({ serial, lineage: 'one', encrypted_data: 'x', encryption_version: 'v0' }),
      );
    scene.plant(envelope(8));
    expect((await (await scene.run()).read()).body).toEqual(envelope(8));
    scene.plant(envelope(7));
    const run = await scene.run();
    expect((await run.read()).status).toBe(403);
    expect(run.codes).toEqual(['state-rolled-back']);
  });

  test('passes on a destroy by somebody else, which the store lists too, and says so', async () => {
    const scene = await new Scene().withState();
    scene.plant(stateBytes(9, { instances: 0 }));
    const run = await scene.run();
    expect((await run.read()).status).toBe(200);
    expect(run.codes).toEqual([]);
    expect(run.session.notes).toEqual([
      expect.stringMatching(/has no resource left, and no witness/),
    ]);
  });

  test('carries a large state', async () => {
    const megabytes = figure(2, 100);
    const scene = await new Scene().withState();
    const large = stateBytes(8, { content: 'x'.repeat(megabytes * 2 ** 20) });
    const run = await scene.run({ requestMs: 20_000 });
    await run.lock();
    await run.read();
    expect((await run.write(large)).status).toBe(200);
    expect((await run.read()).body.equals(large)).toBe(true);
  });
});

describe('no state', () => {
  const First: Declaration = { firstRun: true, writes: true };

  test('is an answer where there has never been one, and this was declared to be the first run (S9)', async () => {
    const run = await new Scene().run({ declaration: First });
    const head = await run.send({ method: 'HEAD', key: STATE.key });
    expect(head.status).toBe(404);
    expect((await run.send({ method: 'GET', key: STATE.key })).body.toString()).toContain(
      '<Code>NoSuchKey</Code>',
    );
    expect(run.codes).toEqual([]);
  });

  test('is none without that declaration (S9)', async () => {
    const run = await new Scene().run();
    expect((await run.read()).status).toBe(403);
    expect(run.session.findings).toMatchObject([
      { code: 'state-first', exitCode: 1, remedy: expect.stringContaining('--first-run') },
    ]);
  });

  test('is none where the witness remembers one, whatever was declared (S9)', async () => {
    const scene = await new Scene().withState();
    scene.truth.uproot(STATE.bucket, STATE.key);
    const run = await scene.run({ declaration: First });
    expect((await run.read()).status).toBe(403);
    expect(run.codes).toEqual(['state-hidden']);
  });

  test('is none where the witness cannot be asked', async () => {
    const scene = new Scene();
    scene.witness.lost = 'the folder is not readable';
    const run = await scene.run({ declaration: First, guarded: true });
    expect((await run.read()).status).toBe(403);
    expect(run.session.findings).toMatchObject([
      {
        code: 'absence-unwitnessed',
        exitCode: 1,
        expected: expect.stringContaining('the folder is not readable'),
      },
    ]);
  });

  test('is none where the bucket is missing: to HEAD both would be the same 404', async () => {
    const scene = new Scene();
    const run = await scene.run({
      declaration: First,
      state: { ...STATE, bucket: 'elsewhere' },
    });
    const { status } = await run.session.answer({ method: 'HEAD', key: STATE.key });
    expect(status).toBe(403);
    expect(run.codes).toEqual(['bucket-missing']);
  });

  test('is expected by a first run, so that a state stops it', async () => {
    const scene = await new Scene().withState();
    const run = await scene.run({ declaration: First });
    expect((await run.read()).status).toBe(403);
    expect(run.codes).toEqual(['state-exists']);
  });
});

describe('a state that no witness remembers', () => {
  test.each([
    { why: 'no witness has seen it before', lost: undefined },
    { why: 'the witness was lost', lost: 'the witness was lost' },
  ])('is trusted where the guards have passed, and that is said: $why', async ({ why, lost }) => {
    const scene = await new Scene().withState();
    scene.witness.marks.clear();
    scene.witness.lost = lost;
    const run = await scene.run({ guarded: true });
    expect((await run.read()).status).toBe(200);
    expect(run.codes).toEqual([]);
    expect(run.session.notes).toEqual([
      expect.stringMatching(
        `^serial 7 .* is taken on trust, because the guards have passed: ${why}$`,
      ),
    ]);
    expect(scene.witness.marks.get(STATE.stack)?.serial).toBe(7);
  });

  test('is read without the guards, but not remembered', async () => {
    const scene = await new Scene().withState();
    scene.witness.marks.clear();
    const run = await scene.run({ declaration: {} });
    expect((await run.read()).status).toBe(200);
    expect(run.session.notes).toEqual([expect.stringMatching(/taken on trust, for reading only/)]);
    expect(scene.witness.marks.size).toBe(0);
  });

  test('is not given to a run that writes without the guards', async () => {
    const scene = await new Scene().withState();
    scene.witness.marks.clear();
    const run = await scene.run();
    expect((await run.read()).status).toBe(403);
    expect(run.codes).toEqual(['state-unwitnessed']);
  });
});

function isFacts(bytes: Buffer) {
  const facts = readState(bytes);
  if (!isState(facts)) throw new Error(facts.because);
  return facts;
}

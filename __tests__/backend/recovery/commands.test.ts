import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HonestStore } from '../../../backend/lying-store/honest-store.ts';
import { type ServedStore, serveStore } from '../../../backend/lying-store/serve-store.ts';
import { accept } from '../../../backend/recovery/commands/accept.ts';
import { adopt } from '../../../backend/recovery/commands/adopt.ts';
import { move } from '../../../backend/recovery/commands/move.ts';
import { recover } from '../../../backend/recovery/commands/recover.ts';
import { keepErroredState } from '../../../backend/recovery/errored-state.ts';
import { type StackState, stackState } from '../../../backend/stack-state.ts';
import { openWitness } from '../../../backend/witness/open-witness.ts';
import { readSettings } from '../../../config/read-settings.ts';
import { findHidden } from '../../real/hidden-text.ts';
import { exampleFile } from '../../support/examples.ts';
import { LINEAGE, markOfBytes, stateBytes } from './recovery-ground.ts';

const KEYS = { accessKeyId: 'OPERATOR', secretAccessKey: 'secret-of-the-operator' };
const CLUSTER = 'recovery-commands';
const SETTINGS = readSettings(exampleFile('minimal'));

let home: string;
let store: HonestStore;
let served: ServedStore;
let environment: NodeJS.ProcessEnv;
let state: StackState;
let lines: string[];
const say = (line: string) => void lines.push(line);
const printer = { result: say, problem: say };

beforeEach(async () => {
  lines = [];
  home = mkdtempSync(join(tmpdir(), 'flywheel-recovery-commands-'));
  store = new HonestStore({ bucket: 'tofu-state', region: 'us-east-1' });
  served = await serveStore({ store, keys: KEYS, region: 'us-east-1' });
  const settings = { ...SETTINGS, cluster: { ...SETTINGS.cluster, name: CLUSTER } };
  const file = join(home, 'settings.yaml');
  writeFileSync(
    file,
    readFileSync(exampleFile('minimal'), 'utf8').replace('name: ci', `name: ${CLUSTER}`),
  );
  environment = {
    HOME: home,
    XDG_STATE_HOME: join(home, 'state'),
    FLYWHEEL_CONFIG: file,
    TOFU_BACKEND_S3_ENDPOINT: served.endpoint,
    TOFU_BACKEND_S3_ACCESS_KEY_ID: KEYS.accessKeyId,
    TOFU_BACKEND_S3_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
  };
  state = stackState('arc-runners', settings, environment);
});
afterEach(async () => {
  await served.stop();
  rmSync(home, { recursive: true });
  rmSync(resolve('.flywheel', CLUSTER), { recursive: true, force: true });
});

async function kept(bytes: Buffer): Promise<void> {
  await store.send({ method: 'PUT', key: state.key, body: bytes });
  const settings = { ...SETTINGS, cluster: { ...SETTINGS.cluster, name: CLUSTER } };
  const witness = await openWitness(state, { settings, environment });
  await witness.advance(state.stack, markOfBytes(bytes));
}

const TYPED = ['arc-runners', '--confirm', 'arc-runners'];

describe('the words of a command', () => {
  test.each([
    [recover, [], expect.stringContaining('name the one stack')],
    [adopt, [], expect.stringContaining('name the one stack')],
    [accept, ['--serial', '1', '--lineage', 'x'], expect.stringContaining('name the one stack')],
    [move, ['attic', 'more', '--to', 'local'], expect.stringContaining('name the one stack')],
    [move, ['attic'], '--to says where: local or s3'],
    [move, ['attic', '--to', 'locl'], '--to says where: local or s3; did you mean local?'],
    [
      accept,
      ['attic', '--serial', '-'],
      '--serial N names no serial\n--lineage L names no lineage\n    just tofu-state-authority-deep-check <stack> tells what is there',
    ],
    [
      accept,
      ['attic', '--serial', '1', '--lineage', 'x', '--empty', '--from', 'y'],
      '--from and --empty are two different states\n    just tofu-state-authority-deep-check <stack> tells what is there',
    ],
    [
      accept,
      ['atic', '--serial', '1', '--lineage', 'x'],
      'there is no stack atic: did you mean attic?\n    there are arc-runners, attic, gitlab-runners, runner-dashboard',
    ],
    [
      recover,
      ['atic', '--discard'],
      'there is no stack atic: did you mean attic?\n    there are arc-runners, attic, gitlab-runners, runner-dashboard',
    ],
  ])('are refused: %o %j', async (command, args, message) => {
    await expect(command(args, printer, environment)).rejects.toMatchObject({
      exitCode: 64,
      message,
    });
  });

  test('know no way around the name of the stack', async () => {
    for (const flag of ['--yes', '--force', '--yes-arc-runners']) {
      const args = ['arc-runners', '--serial', '1', '--lineage', LINEAGE, flag];
      await expect(accept(args, printer, environment)).rejects.toThrow(/Unknown option/);
    }
  });
});

describe('without tofu', () => {
  test('a rollback is accepted over the wire', async () => {
    await kept(stateBytes(4));
    const old = stateBytes(3);
    await store.send({ method: 'PUT', key: state.key, body: old });
    const named = ['--serial', '3', '--lineage', LINEAGE];
    expect(await accept([...TYPED, ...named], printer, environment)).toBe(0);
    expect(lines).toContain(
      'now look at it before anything is applied: just tofu-plan arc-runners',
    );
    // The other half of the witness still remembers what was before, and a person is to know that.
    expect(lines.at(-1)).toMatch(/^the cluster is not at hand: /);
  });

  test('a state is moved out and back over the wire', async () => {
    const bytes = stateBytes(4, { 'terraform_data.a': '1' });
    await kept(bytes);
    expect(await move(['arc-runners', '--to', 'local'], printer, environment)).toBe(0);
    expect(await move(['arc-runners', '--to', 's3'], printer, environment)).toBe(0);
    const { body } = await store.send({ method: 'GET', key: state.key });
    expect(body).toEqual(bytes);
  });

  test('a state that waits for recovery is not moved away from', async () => {
    await kept(stateBytes(4));
    keepErroredState(state, home, stateBytes(5));
    await expect(
      move(['arc-runners', '--to', 'local'], printer, environment),
    ).rejects.toMatchObject({ exitCode: 4 });
  });

  test('a state that waits is given up, and no store is asked', async () => {
    keepErroredState(state, home, stateBytes(5));
    const nowhere = { ...environment, TOFU_BACKEND_S3_ENDPOINT: '' };
    expect(await recover([...TYPED, '--discard'], printer, nowhere)).toBe(0);
    expect(lines.at(-1)).toBe('arc-runners: nothing waits to be recovered');
  });

  test('a store that cannot be reached is a sentence, and changes nothing', async () => {
    await kept(stateBytes(4));
    await served.stop();
    const named = ['--serial', '4', '--lineage', LINEAGE];
    await expect(accept([...TYPED, ...named], printer, environment)).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringMatching(/^the store gave no answer to GET tofu-state\/arc-runners\//),
    });
  });

  test('no key of the store is said or kept', async () => {
    await kept(stateBytes(4));
    const named = ['--serial', '4', '--lineage', LINEAGE];
    await accept([...TYPED, ...named], printer, environment);
    expect(findHidden(home, { secret: KEYS.secretAccessKey })).toEqual([]);
    expect(lines.join('\n')).not.toContain(KEYS.secretAccessKey);
  });
});
